"""The events in memory: ready, in hand, or waiting for a retry. Pure state; `now` (seconds) is an argument.

Events of one concern keep their order: while one waits for a retry, later ones wait behind it. Events of other
concerns do not wait.
"""

import heapq
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from concord_client.dead_letters import DeadLetter
from concord_client.deduplication import SeenIds
from concord_client.delivery import Delivery
from concord_client.errors import BadMessage
from concord_client.event import Event, read_event
from concord_client.retry import Retry

MAX_REMEMBERED_FAILURES = 10_000


@dataclass(slots=True, eq=False)
class PendingEvent:
    """One message with all its unacknowledged copies; `dead_letter` once no further attempt follows."""

    event: Event | None
    first: Delivery
    copies: list[Delivery]
    attempts: int = 0
    dead_letter: DeadLetter | None = None
    dead_letter_attempts: int = 0


@dataclass(slots=True)
class Failure:
    """A failed event's number of attempts, and the time of the next one (seconds)."""

    attempts: int
    due: float


@dataclass(slots=True)
class PendingEvents:
    """`settle` acknowledges one delivery; `accepts` returns whether a routing key belongs to this subscriber."""

    retry: Retry
    seen: SeenIds
    settle: Callable[[Delivery], None]
    accepts: Callable[[str], bool]
    in_hand: PendingEvent | None = None
    _ready: deque[PendingEvent] = field(default_factory=deque)
    _waiting: list[tuple[float, int, PendingEvent]] = field(default_factory=list)
    _behind: dict[str, deque[PendingEvent]] = field(default_factory=dict)
    _by_id: dict[str, PendingEvent] = field(default_factory=dict)
    _failures: OrderedDict[str, Failure] = field(default_factory=OrderedDict)
    _order: "count[int]" = field(default_factory=count)

    def take(self, delivery: Delivery, now: float) -> None:
        """Add a message from the broker, unless the subscriber does not want it or has handled it."""
        if not self.accepts(delivery.routing_key):
            self.settle(delivery)
            return
        try:
            event = read_event(delivery.body, replayed=delivery.past)
        except BadMessage as error:
            self._make_dead_letter(PendingEvent(None, delivery, [delivery]), error)
            return
        self._admit(event, delivery, now)

    def _admit(self, event: Event, delivery: Delivery, now: float) -> None:
        pending = self._by_id.get(event.id)
        if pending is not None:
            pending.copies.append(delivery)
        elif event.id in self.seen:
            self.settle(delivery)
        else:
            self._place(PendingEvent(event, delivery, [delivery]), event, now)

    def next(self, now: float) -> PendingEvent | None:
        """Return the next event to handle, or a message with a `dead_letter` to store; None when nothing is due."""
        if self._waiting and self._waiting[0][0] <= now:
            self.in_hand = heapq.heappop(self._waiting)[2]
            return self.in_hand
        while self._ready:
            pending = self._ready.popleft()
            event = pending.event
            if event is not None and pending.dead_letter is None and event.concern_id in self._behind:
                self._behind[event.concern_id].append(pending)
                continue
            self.in_hand = pending
            return pending
        return None

    def due(self) -> float | None:
        """Return the time (seconds) of the next retry."""
        return self._waiting[0][0] if self._waiting else None

    @property
    def idle(self) -> bool:
        """True when no event is ready or waits for a retry."""
        return not self._ready and not self._waiting

    def done(self, pending: PendingEvent) -> None:
        """Acknowledge every copy of a handled event or a stored dead letter, and release the events behind it."""
        self.in_hand = None
        if pending.event is not None:
            self.seen.add(pending.event.id)
            self._by_id.pop(pending.event.id, None)
            self._failures.pop(pending.event.id, None)
            self._ready.extendleft(reversed(self._behind.pop(pending.event.concern_id, ())))
        for delivery in pending.copies:
            self.settle(delivery)

    def failed(self, pending: PendingEvent, error: BaseException, now: float) -> None:
        """Schedule a retry after the handler raised `error`, or make the event a dead letter."""
        assert pending.event is not None
        self.in_hand = None
        pending.attempts += 1
        self._behind.setdefault(pending.event.concern_id, deque())
        if isinstance(error, BadMessage) or self.retry.exhausted(pending.attempts):
            self._make_dead_letter(pending, error)
            return
        due = now + self.retry.delay(pending.attempts)
        self._failures[pending.event.id] = Failure(pending.attempts, due)
        if len(self._failures) > MAX_REMEMBERED_FAILURES:
            self._failures.popitem(last=False)
        self._wait(pending, due)

    def dead_letter_failed(self, pending: PendingEvent, now: float) -> None:
        """Schedule another attempt to store a dead letter. The number of attempts has no limit, so none gets lost."""
        self.in_hand = None
        pending.dead_letter_attempts += 1
        self._wait(pending, now + self.retry.delay(pending.dead_letter_attempts))

    def forget(self) -> None:
        """Forget all but the event in hand: on a new connection the broker delivers the unacknowledged ones again."""
        for store in (self._ready, self._waiting, self._behind, self._by_id):
            store.clear()
        if self.in_hand is not None:
            self.in_hand.copies.clear()
            if self.in_hand.event is not None:
                self._by_id[self.in_hand.event.id] = self.in_hand

    def _place(self, pending: PendingEvent, event: Event, now: float) -> None:
        self._by_id[event.id] = pending
        failure = self._failures.get(event.id)
        if failure is None:
            self._ready.append(pending)
            return
        pending.attempts = failure.attempts
        self._behind.setdefault(event.concern_id, deque())
        self._wait(pending, max(now, failure.due))

    def _wait(self, pending: PendingEvent, due: float) -> None:
        heapq.heappush(self._waiting, (due, next(self._order), pending))

    def _make_dead_letter(self, pending: PendingEvent, error: BaseException) -> None:
        first = pending.first
        pending.dead_letter = DeadLetter(
            reason=str(error) if isinstance(error, BadMessage) else f"failed with {type(error).__name__}",
            body=first.body,
            routing_key=first.routing_key,
            headers=first.headers,
            event=pending.event,
            attempts=pending.attempts,
            error=error,
        )
        self._ready.appendleft(pending)
