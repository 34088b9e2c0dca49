"""Reconciliation of the services' ledgers: every concern accounted for. Pure."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

SERVICES = ("intake", "routing", "notification", "metrics")


@dataclass(frozen=True, slots=True)
class Backlog:
    """A service's messages in its outbox, waiting for a retry, and parked."""

    outbox: int
    waiting: int
    parked: int


@dataclass(frozen=True, slots=True)
class Imported:
    """Progress of an import: intake has accepted and refused so many of `records`. `refusal` is the first reason."""

    records: int = 0
    accepted: int = 0
    refused: int = 0
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """The ledgers at one time. A count is of concerns unless its name says otherwise.

    `uncertain` notices may have gone out twice, because a process ended at the time of sending. `unanswered` contacts
    have no notice yet. `events_handled` counts the public events that metrics processed. `queued` counts the messages
    in all work queues; None without a response from the broker.
    """

    taken_in: int
    contacts: int
    routed: int
    unroutable: int
    contacts_stored: int
    notices_due: int
    delivered: int
    failed: int
    uncertain: int
    measured: int
    notices_measured: int
    events_handled: int
    backlogs: Mapping[str, Backlog]
    queued: int | None
    imported: Imported = field(default_factory=Imported)
    unanswered: int = 0

    @property
    def parked(self) -> int:
        return sum(backlog.parked for backlog in self.backlogs.values())

    @property
    def outbox(self) -> int:
        return sum(backlog.outbox for backlog in self.backlogs.values())

    @property
    def waiting(self) -> int:
        return sum(backlog.waiting for backlog in self.backlogs.values())

    @property
    def messages(self) -> int:
        """Count published messages: public events, and privately each concern's submission and each contact."""
        return self.events_handled + self.taken_in + self.contacts


@dataclass(frozen=True, slots=True)
class Gap:
    """A difference between the counts. `final` is whether it will not go away by waiting."""

    text: str
    final: bool = False


QUEUES_UNKNOWN = Gap("the broker does not report its queue lengths")


def account_of(ledgers: Mapping[str, Mapping[str, Any]], queued: int | None, imported: Imported) -> Account:
    """Return the account from the JSON of each service's `/v1/ledger`. Raises KeyError for a missing count."""
    intake, routing, notification, metrics = (ledgers[service] for service in SERVICES)
    return Account(
        taken_in=intake["concerns"],
        contacts=intake["contacts"],
        routed=routing["routed"],
        unroutable=routing["unroutable"],
        contacts_stored=notification["contacts"],
        notices_due=notification["due"] + notification["sending"],
        delivered=notification["delivered"],
        failed=notification["failed"],
        uncertain=notification["uncertain"],
        measured=metrics["measured"],
        notices_measured=metrics["notified"] + metrics["notification_failed"],
        events_handled=metrics["handled"],
        backlogs={
            name: Backlog(ledger["outbox"], ledger["waiting"], ledger["parked"]) for name, ledger in ledgers.items()
        },
        queued=queued,
        imported=imported,
        unanswered=notification["unanswered"],
    )


def gaps(account: Account) -> list[Gap]:
    """Return the differences that remain until every concern is accounted for."""
    missing = [*_import_gaps(account.imported), *_flow_gaps(account), *_backlog_gaps(account)]
    if account.queued is None and not missing:
        missing.append(QUEUES_UNKNOWN)
    elif account.queued:
        missing.append(Gap(f"{account.queued} messages are still in queues"))
    return missing


def _import_gaps(imported: Imported) -> Iterator[Gap]:
    if imported.refused:
        yield Gap(f"intake refused {imported.refused} records, the first: {imported.refusal}", final=True)
    if missing := imported.records - imported.accepted - imported.refused:
        yield Gap(f"{missing} of {imported.records} records are not taken in")


def _flow_gaps(account: Account) -> Iterator[Gap]:
    taken_in = account.taken_in
    if taken_in < account.imported.accepted:
        yield Gap(f"intake holds {taken_in} concerns but took in {account.imported.accepted} records")
    decided = account.routed + account.unroutable
    if decided != taken_in:
        yield Gap(f"{taken_in} concerns taken in, but {decided} routed or unroutable")
    if account.measured != taken_in:
        yield Gap(f"{taken_in} concerns taken in, but {account.measured} measured")
    stored, unanswered, due = account.contacts_stored, account.unanswered, account.notices_due
    if account.contacts != stored or unanswered or due:
        rest = f"{unanswered} of them without a notice, {due} notices due"
        yield Gap(f"{account.contacts} contacts given, {stored} stored, {rest}")
    finished = account.delivered + account.failed
    if account.notices_measured != finished:
        yield Gap(f"{finished} notices delivered or failed, but {account.notices_measured} measured")


def _backlog_gaps(account: Account) -> Iterator[Gap]:
    for name, backlog in account.backlogs.items():
        if backlog.parked:
            yield Gap(f"{name} parked {backlog.parked} messages", final=True)
        if backlog.outbox:
            yield Gap(f"{name} has {backlog.outbox} messages in its outbox")
        if backlog.waiting:
            yield Gap(f"{name} has {backlog.waiting} messages waiting for a retry")
