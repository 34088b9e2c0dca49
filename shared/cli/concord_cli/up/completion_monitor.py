"""Monitor of the ledgers, until every concern is accounted for or will not be."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import TypeVar

from concord_bus.topology.declarations import SERVICES
from concord_cli.common.importer import Import
from concord_cli.common.records import Records
from concord_cli.up.console import View
from concord_cli.up.reconciliation import QUEUES_UNKNOWN, Account, Gap, Imported, account_of, gaps
from concord_cli.up.report import Report
from concord_cli.up.routing_agreement import Decision, agreement
from concord_cli.up.service_client import Services, ServiceUnavailable

POLL_SECONDS = 0.25
SLOW_POLL_SECONDS = 1.0
FAST_PHASE_SECONDS = 15.0
"""Ledgers cost the services time: after this phase the monitor polls less often."""
STUCK_SECONDS = 10.0
"""Time without any change after which a final gap ends the wait for the others."""

T = TypeVar("T")


class MonitorTimeout(Exception):
    """The timeout of the whole run passed while a service did not respond."""


@dataclass(frozen=True, slots=True)
class ReportContext:
    """Facts of a report besides the account. `example_contacts` is whether the contacts are invented."""

    urls: dict[str, str]
    restarts: Callable[[], dict[str, int]]
    example_contacts: bool


@dataclass(frozen=True, slots=True)
class CompletionMonitor:
    """`pause` waits some seconds and raises after a signal to stop; `timeout` is in seconds, for the whole run."""

    services: Services
    queued: Callable[[], int | None]
    records: Records
    pause: Callable[[float], None]
    timeout: float
    context: ReportContext
    begun: float = field(default_factory=monotonic)

    def follow(self, job: Import, view: View) -> Report:
        """Start the import and show the account until nothing is missing, it is stuck, or the timeout passes.

        Raises MonitorTimeout.
        """
        first = before = self._account(job)
        moved = started = monotonic()
        job.start()
        while True:
            account = self._account(job)
            view.show(account)
            if replace(account, queued=None) != replace(before, queued=None):
                before, moved = account, monotonic()  # the broker reports queue lengths some seconds late
            missing = [*_failure(job), *gaps(account)]
            if not missing or is_stuck(missing, monotonic() - moved) or self._is_over:
                break
            self.pause(POLL_SECONDS if monotonic() - self.begun < FAST_PHASE_SECONDS else SLOW_POLL_SECONDS)
        seconds = (monotonic() if missing else moved) - started
        return self._report(job, account, missing, seconds, first if self.records else account)

    @property
    def _is_over(self) -> bool:
        return monotonic() - self.begun > self.timeout

    def retry(self, request: Callable[[], T]) -> T:
        """Return the result of `request`; wait for a service that restarts. Raises MonitorTimeout."""
        while True:
            try:
                return request()
            except ServiceUnavailable as error:
                if self._is_over:
                    raise MonitorTimeout(str(error)) from error
                self.pause(POLL_SECONDS)

    def _account(self, job: Import) -> Account:
        """Return the ledgers now. Asks for queue lengths only when all else is complete, to spare a busy broker."""
        imported = _imported(job, len(self.records))
        ledgers = self.retry(lambda: {service: self.services.ledger(service) for service in SERVICES})
        account = account_of(ledgers, None, imported)
        return replace(account, queued=self.queued()) if gaps(account) == [QUEUES_UNKNOWN] else account

    def _report(self, job: Import, account: Account, missing: Sequence[Gap], seconds: float, first: Account) -> Report:
        if account.queued is None:
            account = replace(account, queued=self.queued())
        decisions: dict[str, Decision] = self.retry(lambda: dict(self.services.decisions()))
        return Report(
            account=account,
            missing=missing,
            reasons=Counter(decision.reason for decision in decisions.values() if decision.reason),
            agreement=agreement(self.records, job.concerns, decisions) if self.records else None,
            seconds=seconds,
            fresh_concerns=account.taken_in - first.taken_in,
            fresh_messages=account.messages - first.messages,
            urls=self.context.urls,
            restarts=self.context.restarts(),
            example_contacts=self.context.example_contacts,
        )


def is_stuck(missing: Sequence[Gap], idle: float) -> bool:
    """Return whether to stop waiting: all gaps are final, or one is and nothing changed for `idle` seconds."""
    final = [gap.final for gap in missing]
    return all(final) or (any(final) and idle > STUCK_SECONDS)


def _failure(job: Import) -> list[Gap]:
    return [Gap(job.failure, final=True)] if job.failure else []


def _imported(job: Import, records: int) -> Imported:
    refusal = next((f"{record}: {why}" for record, why in list(job.refused.items())[:1]), "")
    return Imported(records, job.accepted, len(job.refused), refusal)
