"""What both subscribers share: from the items of the connection to the next thing to do. No waiting in here."""

from collections.abc import Callable
from typing import Protocol

from concord_client.bindings import Filter
from concord_client.connection import Link, Source
from concord_client.deduplication import SeenIds, SeenWindow
from concord_client.delivery import Connected, Delivery, Failed, Item, Stopped, Tail
from concord_client.pending_events import Desk, Held
from concord_client.replay import Handover
from concord_client.retry import Retry


class Connection(Protocol):
    """Where items come from: the broker, or a test."""

    generation: int

    def start(self) -> None: ...
    def settle(self, delivery: Delivery) -> None: ...
    def end_replay(self) -> None: ...
    def stop(self) -> None: ...


Connect = Callable[[Callable[[Item], None]], Connection]


def to_broker(url: str, source: Source) -> Connect:
    """Raises ValueError when the URL cannot be read."""
    return lambda put: Link(url, source, put)


class Flow:
    """Takes items, gives what to handle next."""

    def __init__(
        self, connection: Connection, source: Source, retry: Retry, seen: SeenIds | None, window: int, now: float
    ) -> None:
        self._connection = connection
        ids = SeenWindow(window) if seen is None else seen
        self._desk = Desk(retry, ids, connection.settle, Filter(source.keys))
        self._handover = Handover(source.replay, self._desk, window, now) if source.replay else None
        self.stopped = False
        self.done = self._desk.done
        self.failed = self._desk.failed
        self.dead_letter_failed = self._desk.dead_letter_failed

    def take(self, item: Item, now: float) -> bool:
        """Whether the item says that the connection is a new one after one that was lost. Raises Refused."""
        if isinstance(item, Delivery):
            if item.generation == self._connection.generation:
                (self._handover or self._desk).take(item, now)
        elif isinstance(item, Connected):
            self._begin_anew(now)
            return item.again
        elif isinstance(item, Tail):
            if self._handover is not None:
                self._handover.tail(item.offset, now)
        elif isinstance(item, Failed):
            raise item.error
        elif isinstance(item, Stopped):
            self.stopped = True
        return False

    def next(self, now: float) -> Held | None:
        """What to handle, or to bury when it has a letter; None when nothing is due."""
        if self._handover is not None and self._handover.over(now, self._desk.idle):
            self._handover = None
            self._connection.end_replay()
        return self._desk.next(now)

    def wait(self, now: float) -> float | None:
        """Seconds until something may be due, None when only an item can change anything."""
        due = [] if self._handover is None else [self._handover.due()]
        retry = self._desk.due()
        if retry is not None:
            due.append(retry)
        return max(0.0, min(due) - now) if due else None

    def _begin_anew(self, now: float) -> None:
        self._desk.forget()
        if self._handover is not None:
            self._handover.forget(now)
