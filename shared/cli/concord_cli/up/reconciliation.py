"""Every concern accounted for: what the services' ledgers say, put side by side. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

SERVICES = ("intake", "routing", "notification", "metrics")


@dataclass(frozen=True, slots=True)
class Spine:
    """What a service's spine holds: messages not yet published, waiting to be tried again, and parked."""

    outbox: int
    waiting: int
    parked: int


@dataclass(frozen=True, slots=True)
class Imported:
    """How far the records are: of `records`, intake has `answered` and refuses `refused` (with the first reason)."""

    records: int = 0
    answered: int = 0
    refused: int = 0
    refusal: str = ""


@dataclass(frozen=True, slots=True)
class Account:
    """The ledgers at one moment. A count is of concerns unless its name says otherwise.

    `uncertain` notices may have gone out twice, because something ended at the very moment of sending. `unanswered`
    contacts could not be told anything yet. `told` is the public events that metrics has had; `queued` the messages in
    all work queues, None when the broker was not asked or does not say.
    """

    taken_in: int
    contacts: int
    routed: int
    unroutable: int
    contacts_kept: int
    notices_due: int
    delivered: int
    failed: int
    uncertain: int
    measured: int
    notices_measured: int
    told: int
    spines: Mapping[str, Spine]
    queued: int | None
    imported: Imported = field(default_factory=Imported)
    unanswered: int = 0

    @property
    def parked(self) -> int:
        return sum(each.parked for each in self.spines.values())

    @property
    def outbox(self) -> int:
        return sum(each.outbox for each in self.spines.values())

    @property
    def waiting(self) -> int:
        return sum(each.waiting for each in self.spines.values())

    @property
    def messages(self) -> int:
        """Published: every public event, and privately each concern's submission and each contact."""
        return self.told + self.taken_in + self.contacts


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that does not add up. `final`: waiting will not change it."""

    text: str
    final: bool = False


UNASKED = Gap("the broker does not say what its queues hold")


def account_of(ledgers: Mapping[str, Mapping[str, Any]], queued: int | None, imported: Imported) -> Account:
    """From the JSON of each service's `/v1/ledger`. Raises KeyError when one of them lacks a count."""
    intake, routing, notification, metrics = (ledgers[each] for each in SERVICES)
    return Account(
        taken_in=intake["concerns"],
        contacts=intake["contacts"],
        routed=routing["routed"],
        unroutable=routing["unroutable"],
        contacts_kept=notification["contacts"],
        notices_due=notification["due"] + notification["sending"],
        delivered=notification["delivered"],
        failed=notification["failed"],
        uncertain=notification["uncertain"],
        measured=metrics["measured"],
        notices_measured=metrics["notified"] + metrics["notification_failed"],
        told=metrics["handled"],
        spines={name: _spine(ledger) for name, ledger in ledgers.items()},
        queued=queued,
        imported=imported,
        unanswered=notification["unanswered"],
    )


def _spine(ledger: Mapping[str, Any]) -> Spine:
    return Spine(ledger["outbox"], ledger["waiting"], ledger["parked"])


def gaps(account: Account) -> list[Gap]:
    """What is missing until every concern is accounted for; empty when nothing is."""
    found = [*_import_gaps(account.imported), *_flow_gaps(account), *_spine_gaps(account)]
    if account.queued is None and not found:
        found.append(UNASKED)
    elif account.queued:
        found.append(Gap(f"{account.queued} messages are still in queues"))
    return found


def _import_gaps(imported: Imported) -> list[Gap]:
    found = []
    if imported.refused:
        found.append(Gap(f"intake refused {imported.refused} records, the first: {imported.refusal}", final=True))
    if missing := imported.records - imported.answered - imported.refused:
        found.append(Gap(f"{missing} of {imported.records} records are not taken in"))
    return found


def _flow_gaps(account: Account) -> list[Gap]:
    found = []
    if account.taken_in < account.imported.answered:
        found.append(Gap(f"intake holds {account.taken_in} concerns but took in {account.imported.answered} records"))
    decided = account.routed + account.unroutable
    if decided != account.taken_in:
        found.append(Gap(f"{account.taken_in} concerns taken in, but {decided} routed or unroutable"))
    if account.measured != account.taken_in:
        found.append(Gap(f"{account.taken_in} concerns taken in, but {account.measured} measured"))
    finished = account.delivered + account.failed
    kept, unanswered, due = account.contacts_kept, account.unanswered, account.notices_due
    if account.contacts != kept or unanswered or due:
        waiting = f"{unanswered} of them unanswered, {due} notices due"
        found.append(Gap(f"{account.contacts} contacts given, {kept} kept, {waiting}"))
    if account.notices_measured != finished:
        found.append(Gap(f"{finished} notices delivered or failed, but {account.notices_measured} measured"))
    return found


def _spine_gaps(account: Account) -> list[Gap]:
    found = []
    for name, spine in account.spines.items():
        if spine.parked:
            found.append(Gap(f"{name} parked {spine.parked} messages", final=True))
        if spine.outbox:
            found.append(Gap(f"{name} has {spine.outbox} messages in its outbox"))
        if spine.waiting:
            found.append(Gap(f"{name} has {spine.waiting} messages waiting to be tried again"))
    return found
