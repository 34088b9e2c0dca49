"""The desk: what came, what is in hand, what waits to be tried again. Pure state; `now` (seconds) is an argument.

Events of one concern keep their order: later ones wait behind one that is tried again. Others pass it.
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

REMEMBERED_FAILURES = 10_000


@dataclass(slots=True, eq=False)
class Held:
    """A message on the desk, with every copy of it that waits to be acknowledged; `letter` once it is a dead one."""

    event: Event | None
    first: Delivery
    copies: list[Delivery]
    attempts: int = 0
    letter: DeadLetter | None = None
    burials: int = 0


@dataclass(slots=True)
class Failure:
    """Of an event that failed: attempts so far, and when (seconds) to try again."""

    attempts: int
    due: float


@dataclass(slots=True)
class Desk:
    """`settle` acknowledges one delivery; `wanted` judges a routing key."""

    retry: Retry
    seen: SeenIds
    settle: Callable[[Delivery], None]
    wanted: Callable[[str], bool]
    _ready: deque[Held] = field(default_factory=deque)
    _waiting: list[tuple[float, int, Held]] = field(default_factory=list)
    _behind: dict[str, deque[Held]] = field(default_factory=dict)
    _by_id: dict[str, Held] = field(default_factory=dict)
    _failures: OrderedDict[str, Failure] = field(default_factory=OrderedDict)
    _in_hand: Held | None = None
    _order: "count[int]" = field(default_factory=count)

    def take(self, delivery: Delivery, now: float) -> None:
        """A message has come."""
        if not self.wanted(delivery.routing_key):
            self.settle(delivery)
            return
        try:
            event = read_event(delivery.body, replayed=delivery.past)
        except BadMessage as error:
            self._dead_letter(Held(None, delivery, [delivery]), error)
            return
        self.admit(event, delivery, now)

    def admit(self, event: Event, delivery: Delivery, now: float) -> None:
        """An event that could be read: a copy of one that is here, one seen before, or a new one."""
        held = self._by_id.get(event.id)
        if held is not None:
            held.copies.append(delivery)
        elif event.id in self.seen:
            self.settle(delivery)
        else:
            self._place(Held(event, delivery, [delivery]), event, now)

    def next(self, now: float) -> Held | None:
        """What to handle (or, with a `letter`, to bury) now; None when nothing is due."""
        if self._waiting and self._waiting[0][0] <= now:
            self._in_hand = heapq.heappop(self._waiting)[2]
            return self._in_hand
        while self._ready:
            held = self._ready.popleft()
            if held.event is not None and held.letter is None and held.event.concern_id in self._behind:
                self._behind[held.event.concern_id].append(held)
                continue
            self._in_hand = held
            return held
        return None

    def due(self) -> float | None:
        """When (seconds) the next one that waits is due."""
        return self._waiting[0][0] if self._waiting else None

    @property
    def idle(self) -> bool:
        """Whether nothing that came is still to be handled."""
        return not self._ready and not self._waiting

    def done(self, held: Held) -> None:
        """It was handled, or buried: acknowledge every copy and let those behind it through."""
        self._in_hand = None
        if held.event is not None:
            self.seen.add(held.event.id)
            self._by_id.pop(held.event.id, None)
            self._failures.pop(held.event.id, None)
            self._ready.extendleft(reversed(self._behind.pop(held.event.concern_id, ())))
        for each in held.copies:
            self.settle(each)

    def failed(self, held: Held, error: BaseException, now: float) -> None:
        """Handling raised `error`: wait and try again, or make a dead letter of it."""
        assert held.event is not None
        self._in_hand = None
        held.attempts += 1
        self._behind.setdefault(held.event.concern_id, deque())
        if isinstance(error, BadMessage) or self.retry.exhausted(held.attempts):
            self._dead_letter(held, error)
            return
        due = now + self.retry.delay(held.attempts)
        self._failures[held.event.id] = Failure(held.attempts, due)
        if len(self._failures) > REMEMBERED_FAILURES:
            self._failures.popitem(last=False)
        heapq.heappush(self._waiting, (due, next(self._order), held))

    def dead_letter_failed(self, held: Held, now: float) -> None:
        """The dead letter could not be put away: nothing is lost, it is tried again, without end."""
        self._in_hand = None
        held.burials += 1
        heapq.heappush(self._waiting, (now + self.retry.delay(held.burials), next(self._order), held))

    def forget(self) -> None:
        """The connection is a new one: all that was not acknowledged comes again, so only what is in hand stays."""
        kept = self._in_hand
        for store in (self._ready, self._waiting, self._behind, self._by_id):
            store.clear()
        if kept is not None:
            kept.copies.clear()
            if kept.event is not None:
                self._by_id[kept.event.id] = kept

    def _place(self, held: Held, event: Event, now: float) -> None:
        self._by_id[event.id] = held
        failure = self._failures.get(event.id)
        if failure is None:
            self._ready.append(held)
            return
        held.attempts = failure.attempts
        self._behind.setdefault(event.concern_id, deque())
        heapq.heappush(self._waiting, (max(now, failure.due), next(self._order), held))

    def _dead_letter(self, held: Held, error: BaseException) -> None:
        first = held.first
        held.letter = DeadLetter(
            reason=str(error) if isinstance(error, BadMessage) else f"failed with {type(error).__name__}",
            body=first.body,
            routing_key=first.routing_key,
            headers=first.headers,
            event=held.event,
            attempts=held.attempts,
            error=error,
        )
        self._ready.appendleft(held)
