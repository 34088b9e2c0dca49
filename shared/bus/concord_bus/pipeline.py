"""The one way to consume: from raw deliveries to effects, exactly once, without losing a message.

When `take` returns, every delivery has a durable result: it took effect, it is a duplicate, it waits for its next
attempt, or it is parked. Only then may the caller acknowledge it. A handler may raise:

- `ParkMessage`: the message can never take effect. The pipeline parks it.
- `ResourceUnavailable`: a resource is away. The pipeline records nothing; the caller keeps the deliveries and retries.
- any other error: the message waits for another attempt, with a growing delay. After the last attempt it is parked.
"""

import random
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple

import structlog

from concord_bus.domain.delivery import DecodedDelivery, Delivery, rounds
from concord_bus.domain.errors import DatabaseUnavailable, ParkMessage, ResourceUnavailable
from concord_bus.domain.retry import RetryPolicy
from concord_bus.domain.stored_messages import Waiting
from concord_bus.metrics import Instruments
from concord_bus.ports import BusDatabase, Clock, Handler, Transaction, utc_now
from concord_bus.unit_of_work import OpenWork
from concord_contracts import BadMessage, Codec, Event

log = structlog.get_logger("concord.pipeline")

MAX_BODY_BYTES = 1024 * 1024


@dataclass(eq=False)
class Pipeline:
    """Consumes deliveries for one service. It knows no broker, only deliveries and a database.

    It calls `committed` after each commit that may fill the outbox; `chance` spreads retries. This process has recorded
    the messages in `_suspects`, and has survived them.
    """

    database: BusDatabase
    codec: Codec
    handlers: Mapping[str, Handler]
    clock: Clock = utc_now
    policy: RetryPolicy = field(default_factory=RetryPolicy)
    instruments: Instruments = field(default_factory=Instruments.unregistered)
    chance: Callable[[], float] = random.random
    committed: Callable[[], None] = lambda: None
    _suspects: set[str] = field(default_factory=set, init=False)

    def take(self, deliveries: Sequence[Delivery]) -> None:
        """Process a batch: new deliveries together, then each redelivered one alone."""
        first_deliveries = [delivery for delivery in deliveries if not delivery.redelivered]
        if first_deliveries:
            self._take_batch(first_deliveries)
        for delivery in deliveries:
            if delivery.redelivered:
                self._take_suspect(delivery)

    def retry_due(self, limit: int = 100) -> int:
        """Retry at most `limit` due messages, one at a time, and return their number. Raises ResourceUnavailable."""
        now = self.clock().timestamp()
        with self.database.begin() as (tx, _):
            due = tx.due(now, limit)
        return sum(self._retry(message, now) for message in due)

    def _take_batch(self, deliveries: Sequence[Delivery]) -> None:
        readable, unreadable = self._read(deliveries)
        try:
            with self.instruments.handling(len(deliveries)), self.database.begin() as (tx, store):
                for delivery, reason in unreadable:
                    tx.park(delivery, reason, 0, None)
                applied = self._apply(tx, store, readable)
                survived = {delivery.fingerprint for delivery in deliveries if delivery.redelivered}
                for fingerprint in survived:
                    tx.clear_suspect(fingerprint)
            self._suspects -= survived
            self._count(applied)
            for delivery, reason in unreadable:
                self._report_parked(delivery, reason, 0)
            self.committed()
        except Exception as error:
            if isinstance(error, ResourceUnavailable) and not isinstance(error, DatabaseUnavailable):
                raise
            if len(deliveries) == 1:
                self._failed(readable, error)
                return
            log.warning(
                "batch failed, taking its messages one by one", size=len(deliveries), cause=error_location(error)
            )
            for delivery in deliveries:
                self._take_batch([delivery])

    def _take_suspect(self, delivery: Delivery) -> None:
        """Process a redelivered message alone, with a record in case the process does not survive it."""
        if delivery.fingerprint not in self._suspects and self._park_if_deadly(delivery):
            return
        self._suspects.add(delivery.fingerprint)
        try:
            self._take_batch([delivery])
        finally:
            if delivery.fingerprint in self._suspects:
                with self.database.begin() as (tx, _):
                    tx.clear_suspect(delivery.fingerprint)
                self._suspects.discard(delivery.fingerprint)

    def _park_if_deadly(self, delivery: Delivery) -> bool:
        with self.database.begin() as (tx, _):
            crashes = tx.mark_suspect(delivery.fingerprint)
            if not self.policy.is_deadly(crashes):
                return False
            reason = f"the process ended {crashes} times while handling it"
            tx.park(delivery, reason, crashes, None)
            tx.clear_suspect(delivery.fingerprint)
        self._report_parked(delivery, reason, crashes)
        return True

    def _read(self, deliveries: Sequence[Delivery]) -> tuple[list[DecodedDelivery], list[tuple[Delivery, str]]]:
        readable: list[DecodedDelivery] = []
        unreadable: list[tuple[Delivery, str]] = []
        for delivery in deliveries:
            try:
                if delivery.dead_letter_reason:
                    raise BadMessage(delivery.dead_letter_reason)
                readable.append(self._read_one(delivery))
            except BadMessage as bad:
                unreadable.append((delivery, bad.reason))
        return readable, unreadable

    def _read_one(self, delivery: Delivery) -> DecodedDelivery:
        refusal = delivery.refusal(MAX_BODY_BYTES)
        if refusal:
            raise BadMessage(refusal)
        try:
            event = self.codec.decode(delivery.body)
        except BadMessage:
            raise
        except Exception as error:  # the edge: an unexpected error parks the message, so that the queue continues
            raise BadMessage(f"cannot be read: {error_location(error)}") from error
        if event.type not in self.handlers:
            raise BadMessage(f"{event.type} is not handled by this service")
        return DecodedDelivery(delivery, event)

    def _apply(
        self, tx: Transaction, store: Any, readable: Sequence[DecodedDelivery], *, retried: bool = False
    ) -> "_Applied":
        """Write the effects, inbox and outbox of readable messages in the open transaction."""
        blocked = set() if retried else tx.waiting_keys([message.event.partitionkey for message in readable])
        now = self.clock()
        for message in readable:
            if message.event.partitionkey in blocked:
                tx.wait(message.delivery, message.event, 0, now.timestamp())
        ready = [message for message in readable if message.event.partitionkey not in blocked]
        unseen = tx.add_to_inbox([message.event.id for message in ready])
        work = OpenWork(store, now, self.codec)
        self._handle(_first_of_each(ready, unseen), work)
        tx.enqueue(work.outgoing)
        return _Applied([message.event.type for message in ready], len(ready) - len(unseen))

    def _count(self, applied: "_Applied") -> None:
        """Count after the commit: a rollback undoes the effects."""
        self.instruments.consumed(applied.types)
        self.instruments.duplicates.inc(applied.duplicates)

    def _handle(self, received: Sequence[DecodedDelivery], work: OpenWork[Any]) -> None:
        for messages in rounds(received):
            ordered = sorted(messages, key=_type)
            for kind, group in groupby(ordered, key=_type):
                self.handlers[kind]([message.event for message in group], work)

    def _failed(self, readable: Sequence[DecodedDelivery], error: Exception) -> None:
        """Record that a message failed alone. Raises ResourceUnavailable when the database cannot record it."""
        if not readable:
            raise ResourceUnavailable("database") from error
        received = readable[0]
        if isinstance(error, ParkMessage):
            self._park(received.delivery, error.reason, 1, received.event)
        elif self.policy.exhausted(1):
            self._park(received.delivery, f"failed: {error_location(error)}", 1, received.event)
        else:
            self._postpone(received, error)

    def _postpone(self, received: DecodedDelivery, error: Exception) -> None:
        later = self.clock().timestamp() + self.policy.delay(1, self.chance())
        with self.database.begin() as (tx, _):
            tx.wait(received.delivery, received.event, 1, later)
        self.instruments.retried.labels(received.event.type).inc()
        log.warning("message failed, will be retried", id=received.event.id, cause=error_location(error))

    def _retry(self, waiting: Waiting, now: float) -> int:
        attempts = waiting.attempts + 1
        if self.policy.exhausted(waiting.attempts):  # the last attempt recorded no result
            self._give_up(waiting, f"the process ended during the last of {waiting.attempts} attempts", attempts, None)
            return 1
        with self.database.begin() as (tx, _):
            if not tx.claim(waiting.seq, now, now + self.policy.delay(attempts, self.chance())):
                return 0
        try:
            received = self._read_one(waiting.delivery)
        except BadMessage as bad:
            self._give_up(waiting, bad.reason, attempts, None)
            return 1
        try:
            with self.instruments.handling(1), self.database.begin() as (tx, store):
                applied = self._apply(tx, store, [received], retried=True)
                tx.remove_waiting(waiting.seq)
            self._count(applied)
            self.committed()
        except DatabaseUnavailable:
            raise
        except ResourceUnavailable:
            with self.database.begin() as (tx, _):
                tx.release(waiting.seq, now + self.policy.delay(1, self.chance()))
            raise
        except Exception as error:
            self._retry_failed(waiting, received, attempts, error)
        return 1

    def _retry_failed(self, waiting: Waiting, received: DecodedDelivery, attempts: int, error: Exception) -> None:
        if isinstance(error, ParkMessage):
            self._give_up(waiting, error.reason, attempts, received)
        elif self.policy.exhausted(attempts):
            self._give_up(waiting, f"failed {attempts} times, last: {error_location(error)}", attempts, received)
        else:
            self.instruments.retried.labels(received.event.type).inc()
            log.warning("retry failed", id=received.event.id, attempts=attempts, cause=error_location(error))

    def _give_up(self, waiting: Waiting, reason: str, attempts: int, received: DecodedDelivery | None) -> None:
        self._park(waiting.delivery, reason, attempts, received.event if received else None, waiting.seq)

    def _park(
        self, delivery: Delivery, reason: str, attempts: int, event: Event[Any] | None, waited_as: int | None = None
    ) -> None:
        with self.database.begin() as (tx, _):
            tx.park(delivery, reason, attempts, event)
            if waited_as is not None:
                tx.remove_waiting(waited_as)
        self._report_parked(delivery, reason, attempts)

    def _report_parked(self, delivery: Delivery, reason: str, attempts: int) -> None:
        self.instruments.parked.inc()
        log.error("message parked", queue=delivery.queue, reason=reason, attempts=attempts)


class _Applied(NamedTuple):
    """The result of one transaction, for the counters after the commit."""

    types: list[str]
    duplicates: int


def _type(received: DecodedDelivery) -> str:
    return received.event.type


def _first_of_each(received: Sequence[DecodedDelivery], event_ids: set[str]) -> list[DecodedDelivery]:
    """Return the messages with a wanted event id, each event once: a batch may hold a message twice."""
    first = {message.event.id: message for message in reversed(received)}
    return [message for message in received if message.event.id in event_ids and first[message.event.id] is message]


def error_location(error: BaseException) -> str:
    """Return the class of an error and its place in the code. Its text may quote a resident, so leave it out."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {frames[-1].name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"
