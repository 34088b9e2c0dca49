"""From a time in the past to now, and on, without gap or double."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from concord_client.deduplication import SeenWindow
from concord_client.delivery import Delivery
from concord_client.errors import BadMessage
from concord_client.event import Event, read_event
from concord_client.pending_events import Desk

CLOCKS_DIFFER = timedelta(minutes=2)


@dataclass(frozen=True, slots=True)
class Replay:
    """Begin with the events that were told `since` then or later, then go on with the queue.

    They are read from `stream`, the subscriber's own log: `sub.parks.replay` beside a queue `sub.parks.events`.

    `quiet` seconds without a message at the stream's end, or `patience` seconds without any, mean that it is read to
    its end. For `overlap` seconds more stream and queue are read side by side, so that a message which reached the
    one late is not missed. Raises ValueError for a `since` without an offset from UTC.
    """

    since: datetime
    stream: str | None = None
    quiet: float = 2.0
    patience: float = 15.0
    overlap: float = 10.0

    def __post_init__(self) -> None:
        if self.since.tzinfo is None:
            raise ValueError("since needs an offset from UTC, such as datetime(2026, 3, 1, tzinfo=UTC)")

    def beside(self, queue: str) -> "Replay":
        """With the stream that belongs to a queue, when none is named."""
        return self if self.stream else replace(self, stream=f"{queue.rpartition('.')[0]}.replay")

    @property
    def offset(self) -> datetime:
        """Where to begin reading. The stream knows when a message was stored, by a clock that may differ."""
        return (self.since - CLOCKS_DIFFER).astimezone(UTC)


class Handover:
    """Lets the replayed through first and holds the live back until the stream has come to where they begin.

    The queue has collected since it was bound, so whatever the stream holds after an event that the queue holds too
    is in the queue as well. The stream is read on for a while all the same, at least to where it ended when the replay
    began: a publisher may have sent an early event twice, or one may have reached the stream late. Copies are dropped
    by id at the desk.
    """

    def __init__(self, replay: Replay, desk: Desk, window: int, now: float) -> None:
        self._replay = replay
        self._desk = desk
        self._held: list[Delivery] = []
        self._past_ids = SeenWindow(window)
        self._live_ids = SeenWindow(window)
        self._tail: int | None = None
        self._read_to = -1
        self._heard = now
        self._reached_at: float | None = None
        self._matched_at: float | None = None
        self._caught_up = False

    def take(self, delivery: Delivery, now: float) -> None:
        """A message has come from the queue or, `replayed`, from the stream."""
        try:
            event = read_event(delivery.body, replayed=delivery.past)
        except BadMessage:
            self._desk.take(delivery, now)
            return
        if delivery.replayed:
            self._past(event, delivery, now)
        else:
            self._live(event, delivery, now)

    def tail(self, offset: int, now: float) -> None:
        """The stream reached at least to `offset` when the replay began."""
        self._tail = offset
        self._look(now)

    def over(self, now: float, idle: bool) -> bool:
        """Whether the stream is needed no longer. `idle`: nothing that came is still to be handled."""
        if not idle:
            self._heard = now
        if not self._caught_up and idle and now >= self.due():
            self._catch_up(now)
        return self._caught_up and now >= self.due()

    def due(self) -> float:
        """When (seconds) to ask again if nothing comes until then."""
        if not self._caught_up:
            return self._heard + (self._replay.patience if self._reached_at is None else self._replay.quiet)
        if self._reached_at is None or self._matched_at is None:
            return self._heard + self._replay.overlap
        return max(self._reached_at, self._matched_at) + self._replay.overlap

    def forget(self, now: float) -> None:
        """The connection is a new one: what was held comes again."""
        self._held.clear()
        self._heard = now

    def _past(self, event: Event, delivery: Delivery, now: float) -> None:
        self._heard = now
        self._read_to = delivery.offset
        self._look(now)
        self._past_ids.add(event.id)
        if event.told < self._replay.since:
            self._desk.settle(delivery)
        else:
            self._desk.take(delivery, now)
        if event.id in self._live_ids:
            self._match(now)

    def _live(self, event: Event, delivery: Delivery, now: float) -> None:
        self._live_ids.add(event.id)
        if event.id in self._past_ids:
            self._match(now)
        if self._caught_up:
            self._desk.take(delivery, now)
        else:
            self._held.append(delivery)

    def _look(self, now: float) -> None:
        if self._reached_at is None and self._tail is not None and self._read_to >= self._tail:
            self._reached_at = now

    def _match(self, now: float) -> None:
        if self._matched_at is None:
            self._matched_at = now
        self._catch_up(now)

    def _catch_up(self, now: float) -> None:
        self._caught_up, self._heard = True, now
        held, self._held = self._held, []
        for delivery in held:
            self._desk.take(delivery, now)
