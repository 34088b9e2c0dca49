"""Retries the messages that wait for another attempt."""

from collections.abc import Callable
from dataclasses import dataclass, field

import structlog

from concord_bus.domain.delivery import DecodedDelivery
from concord_bus.domain.error_location import error_location
from concord_bus.domain.errors import DatabaseUnavailable, ParkMessage, ResourceUnavailable
from concord_bus.domain.retry import RetryPolicy
from concord_bus.domain.stored_messages import Claim, Waiting
from concord_bus.metrics import Instruments
from concord_bus.pipeline.effects import Effects
from concord_bus.pipeline.failures import FailureRecords
from concord_bus.pipeline.message_reader import MessageReader
from concord_bus.ports import BusDatabase, Clock
from concord_contracts import BadMessage

log = structlog.get_logger("concord.pipeline")


@dataclass(eq=False)
class Retries:
    """Makes one attempt at a time, counted before it begins.

    A resource that is away takes the attempt back, if need be when the database responds again. Only a failure of the
    message itself counts towards parking. `_away` has by row how often in succession a resource was away.
    """

    database: BusDatabase
    reader: MessageReader
    effects: Effects
    failures: FailureRecords
    policy: RetryPolicy
    clock: Clock
    chance: Callable[[], float]
    instruments: Instruments
    _unreleased: list[Claim] = field(default_factory=list, init=False)
    _away: dict[int, int] = field(default_factory=dict, init=False)

    def retry_due(self, limit: int) -> int:
        """Retry at most `limit` due messages, and return their number. Raises ResourceUnavailable."""
        self._release_rest()
        now = self.clock().timestamp()
        with self.database.begin() as (tx, _):
            due = tx.due(now, limit)
        return sum(self._retry(message, now) for message in due)

    def end_overlong_waits(self) -> int:
        """Make overlong waits end now, and return their number: somebody has set a clock back."""
        now = self.clock().timestamp()
        with self.database.begin() as (tx, _):
            return tx.end_overlong_waits(now, self.policy.longest_waits)

    def _retry(self, waiting: Waiting, now: float) -> int:
        if self.policy.exhausted(waiting.attempts):  # the last attempt recorded no result
            self._settle_exhausted(waiting)
            return 1
        claim = self._claim(waiting, now)
        if claim is None:
            return 0
        attempts = waiting.attempts + 1
        try:
            received = self.reader.read_one(waiting.delivery)
        except BadMessage as bad:
            self.failures.park(waiting.delivery, bad.reason, attempts, None, waiting.seq)
            return 1
        try:
            self._attempt(waiting, received)
        except ResourceUnavailable as away:
            self._take_back(claim, away)
            raise
        except Exception as error:
            self._failed(waiting, received, attempts, error)
        self._away.pop(waiting.seq, None)
        return 1

    def _claim(self, waiting: Waiting, now: float) -> Claim | None:
        """Count an attempt. Returns None when another process has the message."""
        delay = self.policy.delay(waiting.attempts + 1, self.chance())
        claim = Claim(waiting.seq, waiting.attempts, now + delay)
        try:
            with self.database.begin() as (tx, _):
                return claim if tx.claim(claim, now) else None
        except DatabaseUnavailable:
            self._unreleased.append(claim)  # the commit may have succeeded
            raise

    def _attempt(self, waiting: Waiting, received: DecodedDelivery) -> None:
        with self.effects.transaction(1) as (tx, store):
            applied = self.effects.apply(tx, store, [received], retried=True)
            tx.remove_waiting(waiting.seq)
        self.effects.count(applied)

    def _take_back(self, claim: Claim, away: ResourceUnavailable) -> None:
        times = self._away[claim.seq] = self._away.get(claim.seq, 0) + 1
        self.instruments.taken_back.labels(away.resource).inc()
        later = self.clock().timestamp() + self.policy.away_delay(times, self.chance())
        try:
            with self.database.begin() as (tx, _):
                tx.release(claim, later)
        except DatabaseUnavailable:
            self._unreleased.append(claim)

    def _release_rest(self) -> None:
        """Take back the attempts that are still to take back. Raises DatabaseUnavailable."""
        if not self._unreleased:
            return
        now = self.clock().timestamp()
        with self.database.begin() as (tx, _):
            for claim in self._unreleased:
                tx.release(claim, now)
        self._unreleased.clear()

    def _settle_exhausted(self, waiting: Waiting) -> None:
        """Park a message whose last attempt ended the process, unless another delivery of it took effect."""
        if self._took_effect(waiting):
            with self.database.begin() as (tx, _):
                tx.remove_waiting(waiting.seq)
            self.instruments.duplicates.inc(1)
            return
        reason = f"the process ended during the last of {waiting.attempts} attempts"
        self.failures.park(waiting.delivery, reason, waiting.attempts + 1, None, waiting.seq)

    def _took_effect(self, waiting: Waiting) -> bool:
        try:
            event = self.reader.read_one(waiting.delivery).event
        except BadMessage:
            return False
        with self.database.begin() as (tx, _):
            return bool(tx.known([event.id]))

    def _failed(self, waiting: Waiting, received: DecodedDelivery, attempts: int, error: Exception) -> None:
        if isinstance(error, ParkMessage):
            reason = error.reason
        elif self.policy.exhausted(attempts):
            reason = f"failed {attempts} times, last: {error_location(error)}"
        else:
            self.instruments.retried.labels(received.event.type).inc()
            log.warning("retry failed", id=received.event.id, attempts=attempts, cause=error_location(error))
            return
        self.failures.park(waiting.delivery, reason, attempts, received.event, waiting.seq)
