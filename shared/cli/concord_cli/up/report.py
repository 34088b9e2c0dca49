"""The reconciliation as a table for people and as JSON for programs."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from concord_cli.up.reconciliation import Account, Gap
from concord_cli.up.routing_agreement import Agreement, Share

Row = tuple[str, str, str]
"""Name, figure and note."""


@dataclass(frozen=True, slots=True)
class Report:
    """The final account. `seconds` is the time from the first record to the last processed message.

    `fresh_concerns` and `fresh_messages` count what arrived in that time; both are 0 without an import. `differs`
    counts the records that contradict what intake has.
    """

    account: Account
    missing: Sequence[Gap]
    reasons: Mapping[str, int]
    agreement: Agreement | None
    seconds: float
    fresh_concerns: int
    fresh_messages: int
    urls: Mapping[str, str]
    restarts: Mapping[str, int]
    example_contacts: bool
    differs: int = 0

    @property
    def is_complete(self) -> bool:
        return not self.missing and not self.differs

    @property
    def messages_per_second(self) -> float | None:
        return _rate(self.fresh_messages, self.seconds)

    @property
    def concerns_per_second(self) -> float | None:
        return _rate(self.fresh_concerns, self.seconds)


def _rate(count: int, seconds: float) -> float | None:
    return round(count / seconds, 1) if count and seconds else None


def as_table(report: Report) -> Table:
    table = Table(title="Every concern accounted for" if not report.missing else "Not everything is accounted for")
    table.add_column("what")
    table.add_column("count", justify="right")
    table.add_column("note")
    for row in rows(report):
        table.add_row(*row)
    return table


def rows(report: Report) -> Iterator[Row]:
    yield from _import_rows(report)
    yield from _flow_rows(report)
    if report.agreement:
        yield from _agreement_rows(report.agreement)
    if report.messages_per_second and report.concerns_per_second:
        concerns = f"{report.fresh_messages:,} messages, {report.concerns_per_second:,.0f} concerns/s"
        yield "messages/s", f"{report.messages_per_second:,.0f}", concerns
        yield "elapsed", f"{report.seconds:.1f} s", "from the first record to the last processed message"
    if restarts := {name: count for name, count in report.restarts.items() if count}:
        yield "restarts", str(sum(restarts.values())), ", ".join(f"{name} {n}" for name, n in restarts.items())


def _import_rows(report: Report) -> Iterator[Row]:
    account, imported = report.account, report.account.imported
    others = account.taken_in - imported.accepted
    note = f"of {imported.records:,} records" if imported.records else ""
    note += f", {others:,} from elsewhere" if imported.records and others else ""
    yield "taken in", f"{account.taken_in:,}", note
    if imported.refused:
        yield "refused", f"{imported.refused:,}", imported.refusal


def _flow_rows(report: Report) -> Iterator[Row]:
    account = report.account
    reasons = sorted(report.reasons.items(), key=lambda reason: -reason[1])
    triage = "for a person to decide: " + ", ".join(f"{reason} {count:,}" for reason, count in reasons if count)
    notes = (
        f"mails to {account.contacts:,} who left a contact",
        f", {account.failed:,} failed" if account.failed else "",
        f", {account.uncertain:,} perhaps twice" if account.uncertain else "",
        "; the contacts are invented" if report.example_contacts else "",
    )
    queued = "unknown" if account.queued is None else f"{account.queued:,}"
    rest = f"in outboxes {account.outbox:,}, waiting {account.waiting:,}, in queues {queued}"
    yield "routed", f"{account.routed:,}", "to a team"
    yield "unroutable", f"{account.unroutable:,}", triage if account.unroutable else ""
    yield "notified", f"{account.delivered:,}", "".join(notes)
    yield "measured", f"{account.measured:,}", ""
    yield "parked", f"{account.parked:,}", "messages that cannot succeed"
    yield "left over", f"{account.outbox + account.waiting:,}", rest


def _agreement_rows(agreement: Agreement) -> Iterator[Row]:
    yield "agreement", _percent(agreement.located), f"with the recorded district, {_fraction(agreement.located)}"
    if agreement.all != agreement.located:
        yield "", _percent(agreement.all), f"with placeholder points too, {_fraction(agreement.all)}"


def _percent(share: Share) -> str:
    return "-" if share.percent is None else f"{share.percent:.2f} %"


def _fraction(share: Share) -> str:
    return f"{share.agreeing:,} of {share.compared:,}"


def as_json(report: Report) -> dict[str, Any]:
    account = report.account
    return {
        "accounted_for": not report.missing,
        "missing": [gap.text for gap in report.missing],
        "records": account.imported.records,
        "refused": account.imported.refused,
        "differs": report.differs,
        **{name: getattr(account, name) for name in ("taken_in", "contacts", "routed", "unroutable")},
        "unroutable_by_reason": dict(report.reasons),
        "notified": account.delivered,
        "notifications_failed": account.failed,
        "notifications_due": account.notices_due,
        "notifications_uncertain": account.uncertain,
        **{name: getattr(account, name) for name in ("measured", "parked", "outbox", "waiting", "queued")},
        "spines": {name: asdict(backlog) for name, backlog in account.backlogs.items()},
        "agreement": report.agreement
        and {
            "without_placeholder": _share(report.agreement.located),
            "with_placeholder": _share(report.agreement.all),
        },
        "messages": report.fresh_messages,
        "messages_per_second": report.messages_per_second,
        "concerns_per_second": report.concerns_per_second,
        "seconds": round(report.seconds, 2),
        "restarts": dict(report.restarts),
        "urls": dict(report.urls),
    }


def _share(share: Share) -> dict[str, float | int | None]:
    percent = None if share.percent is None else round(share.percent, 2)
    return {"agreeing": share.agreeing, "compared": share.compared, "percent": percent}
