"""Replay: first the events of a stream since a time in the past, then the queue, each event once."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from concord_client.deduplication import SeenWindow
from concord_client.delivery import Delivery
from concord_client.errors import BadMessage
from concord_client.event import Event, read_event
from concord_client.pending_events import PendingEvents

MAX_CLOCK_SKEW = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Replay:
    """Begin with the events that Concord recorded at `since` or later, then continue with the queue.

    The subscriber reads them from `stream`, its own log: `sub.parks.replay` for the queue `sub.parks.events`.

    The stream counts as read after `quiet` seconds without a message at its end, or `patience` seconds without any
    message. For `overlap` more seconds the subscriber reads stream and queue side by side, so that it does not miss a
    late message. Raises ValueError for a `since` without an offset from UTC.
    """

    since: datetime
    stream: str | None = None
    quiet: float = 2.0
    patience: float = 15.0
    overlap: float = 10.0

    def __post_init__(self) -> None:
        if self.since.tzinfo is None:
            raise ValueError("since must have an offset from UTC, such as datetime(2026, 3, 1, tzinfo=UTC)")

    def beside(self, queue: str) -> "Replay":
        """Return the replay with the stream of a queue, unless it has a stream."""
        return self if self.stream else replace(self, stream=f"{queue.rpartition('.')[0]}.replay")

    @property
    def offset(self) -> datetime:
        """Start time in the stream (UTC), earlier than `since`, because the broker's clock may differ."""
        return (self.since - MAX_CLOCK_SKEW).astimezone(UTC)


class Handover:
    """Passes the stream's events on first. It holds the queue's events back until the stream has reached them.

    The queue has every event since its binding. So the queue has all events that follow in the stream after one that is
    in both. The subscriber still reads the stream for a while, at least to its end at the start of the replay. For a
    publisher may have sent an early event twice, or an event may reach the stream late. `PendingEvents` drops copies.
    """

    def __init__(self, replay: Replay, pending: PendingEvents, window: int, now: float) -> None:
        self._replay = replay
        self._pending = pending
        self._held_back: list[Delivery] = []
        self._past_ids = SeenWindow(window)
        self._live_ids = SeenWindow(window)
        self._tail: int | None = None
        self._read_to = -1
        self._last_activity = now
        self._reached_at: float | None = None
        self._matched_at: float | None = None
        self._caught_up = False

    def take(self, delivery: Delivery, now: float) -> None:
        """Process a message from the queue or, when `replayed`, from the stream."""
        try:
            event = read_event(delivery.body, replayed=delivery.past)
        except BadMessage:
            self._pending.take(delivery, now)
            return
        if delivery.replayed:
            self._past(event, delivery, now)
        else:
            self._live(event, delivery, now)

    def tail(self, offset: int, now: float) -> None:
        """Note the stream's end at the start of the replay."""
        self._tail = offset
        self._check_tail(now)

    def over(self, now: float, idle: bool) -> bool:
        """Return whether the replay is over. `idle` means that no event waits for its handling."""
        if not idle:
            self._last_activity = now
        if not self._caught_up and idle and now >= self.due():
            self._catch_up(now)
        return self._caught_up and now >= self.due()

    def due(self) -> float:
        """Return the time (seconds) of the next check of `over`, if no message comes before."""
        if not self._caught_up:
            return self._last_activity + (self._replay.patience if self._reached_at is None else self._replay.quiet)
        if self._reached_at is None or self._matched_at is None:
            return self._last_activity + self._replay.overlap
        return max(self._reached_at, self._matched_at) + self._replay.overlap

    def forget(self, now: float) -> None:
        """Forget the held-back messages: on a new connection the broker delivers them again."""
        self._held_back.clear()
        self._last_activity = now

    def _past(self, event: Event, delivery: Delivery, now: float) -> None:
        self._last_activity = now
        self._read_to = delivery.offset
        self._check_tail(now)
        self._past_ids.add(event.id)
        if event.told < self._replay.since:
            self._pending.settle(delivery)
        else:
            self._pending.take(delivery, now)
        if event.id in self._live_ids:
            self._match(now)

    def _live(self, event: Event, delivery: Delivery, now: float) -> None:
        self._live_ids.add(event.id)
        if event.id in self._past_ids:
            self._match(now)
        if self._caught_up:
            self._pending.take(delivery, now)
        else:
            self._held_back.append(delivery)

    def _check_tail(self, now: float) -> None:
        if self._reached_at is None and self._tail is not None and self._read_to >= self._tail:
            self._reached_at = now

    def _match(self, now: float) -> None:
        if self._matched_at is None:
            self._matched_at = now
        self._catch_up(now)

    def _catch_up(self, now: float) -> None:
        self._caught_up, self._last_activity = True, now
        deliveries, self._held_back = self._held_back, []
        for delivery in deliveries:
            self._pending.take(delivery, now)
