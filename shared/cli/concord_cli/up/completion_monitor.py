"""Watches the ledgers until every concern is accounted for, or will not be."""

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import TypeVar

from concord_bus.topology import SERVICES
from concord_cli.common.importer import Import
from concord_cli.common.records import Record
from concord_cli.up.console import View
from concord_cli.up.reconciliation import UNASKED, Account, Gap, Imported, account_of, gaps
from concord_cli.up.report import Report
from concord_cli.up.routing_agreement import Decided, agreement
from concord_cli.up.service_client import NoAnswer, Services

LOOK_SECONDS = 0.25
SLOW_LOOK_SECONDS = 1.0
BRISK_SECONDS = 15.0
"""Ledgers cost the services something to draw up: after this time they are asked for less often."""
STUCK_SECONDS = 10.0
"""Once something is wrong for good: how long nothing may move before we stop waiting for the rest."""

T = TypeVar("T")


class TimeOver(Exception):
    """A service does not answer, and the time for everything is over."""


@dataclass(frozen=True, slots=True)
class Around:
    """What a report tells besides the account. `example_contacts`: the contacts of the records are invented."""

    urls: dict[str, str]
    restarts: Callable[[], dict[str, int]]
    example_contacts: bool


@dataclass(frozen=True, slots=True)
class Watch:
    """`pause` waits some seconds and raises when told to stop; `seconds` is how long everything may take."""

    services: Services
    queued: Callable[[], int | None]
    records: Sequence[Record]
    pause: Callable[[float], None]
    seconds: float
    around: Around
    begun: float = field(default_factory=monotonic)

    def follow(self, job: Import, view: View) -> Report:
        """Start the import and show the account until nothing is missing, waiting is in vain, or the time is over.

        Raises TimeOver.
        """
        first = before = self._account(job)
        fresh, started = bool(job.unanswered()), monotonic()
        job.start()
        moved = started
        while True:
            account = self._account(job)
            view.show(account)
            if replace(account, queued=None) != replace(before, queued=None):
                before, moved = account, monotonic()  # what queues hold is told by the broker some seconds late
            missing = [*_failure(job), *gaps(account)]
            if not missing or hopeless(missing, monotonic() - moved) or self._over:
                break
            self.pause(LOOK_SECONDS if monotonic() - self.begun < BRISK_SECONDS else SLOW_LOOK_SECONDS)
        seconds = (monotonic() if missing else moved) - started
        return self._report(job, account, missing, seconds, first if fresh else account)

    @property
    def _over(self) -> bool:
        return monotonic() - self.begun > self.seconds

    def answered(self, ask: Callable[[], T]) -> T:
        """What `ask` gives; a service that is just being restarted is waited for. Raises TimeOver."""
        while True:
            try:
                return ask()
            except NoAnswer as error:
                if self._over:
                    raise TimeOver(str(error)) from error
                self.pause(LOOK_SECONDS)

    def _account(self, job: Import) -> Account:
        """The ledgers now. What the queues hold is asked when all else is in order: until then the broker is busy."""
        imported = _imported(job, len(self.records))
        ledgers = self.answered(lambda: {each: self.services.ledger(each) for each in SERVICES})
        account = account_of(ledgers, None, imported)
        return replace(account, queued=self.queued()) if gaps(account) == [UNASKED] else account

    def _report(self, job: Import, account: Account, missing: Sequence[Gap], seconds: float, first: Account) -> Report:
        if account.queued is None:
            account = replace(account, queued=self.queued())
        decisions: dict[str, Decided] = self.answered(lambda: dict(self.services.decisions()))
        return Report(
            account=account,
            missing=missing,
            reasons=Counter(each.reason for each in decisions.values() if each.reason),
            agreement=agreement(self.records, job.concerns, decisions) if self.records else None,
            seconds=seconds,
            fresh_concerns=account.taken_in - first.taken_in,
            fresh_messages=account.messages - first.messages,
            urls=self.around.urls,
            restarts=self.around.restarts(),
            example_contacts=self.around.example_contacts,
        )


def hopeless(missing: Sequence[Gap], still: float) -> bool:
    """Whether to stop waiting: all that is missing is missing for good, or some is and nothing moves any more."""
    final = [each.final for each in missing]
    return all(final) or (any(final) and still > STUCK_SECONDS)


def _failure(job: Import) -> list[Gap]:
    return [Gap(job.failure, final=True)] if job.failure else []


def _imported(job: Import, records: int) -> Imported:
    first = next((f"{record}: {why}" for record, why in list(job.refused.items())[:1]), "")
    return Imported(records, job.answered, len(job.refused), first)
