"""The one way to consume: from raw deliveries to effects, exactly once, with nothing ever lost.

`take` returns when every delivery it was given is durably accounted for: it took effect, was known already, waits for
its next attempt, or is parked. Only then may the caller acknowledge. What a handler may raise:

- `ParkMessage`: the message can never take effect; it is parked.
- `ResourceUnavailable`: a resource is away; nothing is recorded, the caller keeps the deliveries and tries again.
- anything else: the message waits and is tried again with growing delay, and is parked when its attempts are used up.
"""

import random
import traceback
from collections.abc import Callable, Mapping, Sequence
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


class Pipeline:
    """Consumes for one service. Knows no broker: it is given deliveries and a database."""

    def __init__(
        self,
        database: BusDatabase,
        codec: Codec,
        handlers: Mapping[str, Handler],
        *,
        clock: Clock = utc_now,
        policy: RetryPolicy | None = None,
        instruments: Instruments | None = None,
        chance: Callable[[], float] = random.random,
        committed: Callable[[], None] = lambda: None,
        max_body: int = MAX_BODY_BYTES,
    ) -> None:
        """`committed` is called after a transaction that may have filled the outbox; `chance` spreads retries."""
        self._database = database
        self._codec = codec
        self._handlers = handlers
        self._clock = clock
        self._policy = policy or RetryPolicy()
        self._instruments = instruments or Instruments.unregistered()
        self._chance = chance
        self._committed = committed
        self._max_body = max_body
        self._suspects: set[str] = set()  # suspects this very process noted: it evidently survived them

    def take(self, deliveries: Sequence[Delivery]) -> None:
        """Account for a batch. What came back from an earlier try is handled alone, after the rest."""
        fresh = [delivery for delivery in deliveries if not delivery.redelivered]
        if fresh:
            self._take_batch(fresh)
        for delivery in deliveries:
            if delivery.redelivered:
                self._take_suspect(delivery)

    def retry_due(self, limit: int = 100) -> int:
        """Try what waits and is due, one message at a time; how many were tried. Raises ResourceUnavailable."""
        now = self._clock().timestamp()
        with self._database.begin() as (tx, _):
            due = tx.due(now, limit)
        return sum(self._retry(message, now) for message in due)

    def _take_batch(self, deliveries: Sequence[Delivery]) -> None:
        readable, unreadable = self._read(deliveries)
        try:
            with self._instruments.handling(len(deliveries)), self._database.begin() as (tx, store):
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
            self._committed()
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
        """Handle a redelivered message alone, noting beforehand that the process may not survive it."""
        if delivery.fingerprint not in self._suspects and self._park_if_deadly(delivery):
            return
        self._suspects.add(delivery.fingerprint)
        try:
            self._take_batch([delivery])
        finally:
            if delivery.fingerprint in self._suspects:
                with self._database.begin() as (tx, _):
                    tx.clear_suspect(delivery.fingerprint)
                self._suspects.discard(delivery.fingerprint)

    def _park_if_deadly(self, delivery: Delivery) -> bool:
        with self._database.begin() as (tx, _):
            crashes = tx.mark_suspect(delivery.fingerprint)
            if not self._policy.is_deadly(crashes):
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
        refusal = delivery.refusal(self._max_body)
        if refusal:
            raise BadMessage(refusal)
        try:
            event = self._codec.decode(delivery.body)
        except BadMessage:
            raise
        except Exception as error:  # the edge where it parks: what nobody foresaw must not hold up the line
            raise BadMessage(f"cannot be read: {error_location(error)}") from error
        if event.type not in self._handlers:
            raise BadMessage(f"{event.type} is not handled by this service")
        return DecodedDelivery(delivery, event)

    def _apply(
        self, tx: Transaction, store: Any, readable: Sequence[DecodedDelivery], *, retried: bool = False
    ) -> "_Applied":
        """Effects, inbox and outbox of readable messages, in the open transaction."""
        held = set() if retried else tx.waiting_keys([message.event.partitionkey for message in readable])
        now = self._clock()
        for message in readable:
            if message.event.partitionkey in held:
                tx.wait(message.delivery, message.event, 0, now.timestamp())
        free = [message for message in readable if message.event.partitionkey not in held]
        add_to_inbox = tx.add_to_inbox([message.event.id for message in free])
        work = OpenWork(store, now, self._codec)
        self._handle(_first_of_each(free, add_to_inbox), work)
        tx.enqueue(work.outgoing)
        return _Applied([message.event.type for message in free], len(free) - len(add_to_inbox))

    def _count(self, applied: "_Applied") -> None:
        """After the commit: what was rolled back did not happen."""
        self._instruments.consumed(applied.types)
        self._instruments.duplicates(applied.duplicates)

    def _handle(self, received: Sequence[DecodedDelivery], work: OpenWork[Any]) -> None:
        for messages in rounds(received):
            ordered = sorted(messages, key=_type)
            for kind, group in groupby(ordered, key=_type):
                self._handlers[kind]([message.event for message in group], work)

    def _failed(self, readable: Sequence[DecodedDelivery], error: Exception) -> None:
        """Record that a message failed alone. Raises ResourceUnavailable when even that cannot be written."""
        if not readable:
            raise ResourceUnavailable("database") from error
        received = readable[0]
        if isinstance(error, ParkMessage):
            self._park(received.delivery, error.reason, 1, received.event)
        elif self._policy.exhausted(1):
            self._park(received.delivery, f"failed: {error_location(error)}", 1, received.event)
        else:
            self._postpone(received, error)

    def _postpone(self, received: DecodedDelivery, error: Exception) -> None:
        later = self._clock().timestamp() + self._policy.delay(1, self._chance())
        with self._database.begin() as (tx, _):
            tx.wait(received.delivery, received.event, 1, later)
        self._instruments.retried(received.event.type)
        log.warning("message failed, will be retried", id=received.event.id, cause=error_location(error))

    def _retry(self, waiting: Waiting, now: float) -> int:
        attempts = waiting.attempts + 1
        if self._policy.exhausted(waiting.attempts):  # no attempt came back to say how it went
            self._give_up(waiting, f"the process ended during the last of {waiting.attempts} attempts", attempts, None)
            return 1
        with self._database.begin() as (tx, _):
            if not tx.claim(waiting.seq, now, now + self._policy.delay(attempts, self._chance())):
                return 0
        try:
            received = self._read_one(waiting.delivery)
        except BadMessage as bad:
            self._give_up(waiting, bad.reason, attempts, None)
            return 1
        try:
            with self._instruments.handling(1), self._database.begin() as (tx, store):
                applied = self._apply(tx, store, [received], retried=True)
                tx.remove_waiting(waiting.seq)
            self._count(applied)
            self._committed()
        except DatabaseUnavailable:
            raise
        except ResourceUnavailable:
            with self._database.begin() as (tx, _):
                tx.release(waiting.seq, now + self._policy.delay(1, self._chance()))
            raise
        except Exception as error:
            self._retry_failed(waiting, received, attempts, error)
        return 1

    def _retry_failed(self, waiting: Waiting, received: DecodedDelivery, attempts: int, error: Exception) -> None:
        if isinstance(error, ParkMessage):
            self._give_up(waiting, error.reason, attempts, received)
        elif self._policy.exhausted(attempts):
            self._give_up(waiting, f"failed {attempts} times, last: {error_location(error)}", attempts, received)
        else:
            self._instruments.retried(received.event.type)
            log.warning("retry failed", id=received.event.id, attempts=attempts, cause=error_location(error))

    def _give_up(self, waiting: Waiting, reason: str, attempts: int, received: DecodedDelivery | None) -> None:
        self._park(waiting.delivery, reason, attempts, received.event if received else None, waiting.seq)

    def _park(
        self, delivery: Delivery, reason: str, attempts: int, event: Event[Any] | None, waited_as: int | None = None
    ) -> None:
        with self._database.begin() as (tx, _):
            tx.park(delivery, reason, attempts, event)
            if waited_as is not None:
                tx.remove_waiting(waited_as)
        self._report_parked(delivery, reason, attempts)

    def _report_parked(self, delivery: Delivery, reason: str, attempts: int) -> None:
        self._instruments.parked()
        log.error("message parked", queue=delivery.queue, reason=reason, attempts=attempts)


class _Applied(NamedTuple):
    """What a transaction did, to be counted when it has committed."""

    types: list[str]
    duplicates: int


def _type(received: DecodedDelivery) -> str:
    return received.event.type


def _first_of_each(received: Sequence[DecodedDelivery], wanted: set[str]) -> list[DecodedDelivery]:
    """Those whose event id is wanted, once: a batch may hold a message twice."""
    first = {message.event.id: message for message in reversed(received)}
    return [message for message in received if message.event.id in wanted and first[message.event.id] is message]


def error_location(error: BaseException) -> str:
    """Class and place of an error, without its text: that may quote a resident."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" in {frames[-1].name}, line {frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{where}"
