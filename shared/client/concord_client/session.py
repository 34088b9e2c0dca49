"""The logic that both subscribers share: from the connection's items to the next event. It never waits."""

import logging
from collections.abc import Callable
from typing import Protocol

from concord_client.bindings import Filter
from concord_client.connection import Connection, Source
from concord_client.deduplication import SeenIds, SeenWindow
from concord_client.delivery import Connected, Delivery, Failed, Item, Stopped, Tail
from concord_client.event import Event
from concord_client.pending_events import PendingEvent, PendingEvents
from concord_client.replay import Handover
from concord_client.retry import Retry
from concord_client.tls import Tls

log = logging.getLogger("concord_client")


class Transport(Protocol):
    """The origin of items: a connection to the broker, or a fake in a test."""

    generation: int

    def start(self) -> None: ...
    def settle(self, delivery: Delivery) -> None: ...
    def end_replay(self) -> None: ...
    def stop(self) -> None: ...


Connect = Callable[[Callable[[Item], None]], Transport]


def to_broker(url: str, source: Source, tls: Tls | None = None) -> Connect:
    """Return a function that makes the connection. It raises ValueError for an invalid URL or file of `tls`."""
    return lambda put: Connection(url, source, put, tls)


class Session:
    """Takes items from the transport and gives events to handle, one at a time."""

    def __init__(
        self, transport: Transport, source: Source, retry: Retry, seen: SeenIds | None, window: int, now: float
    ) -> None:
        self._transport = transport
        ids = SeenWindow(window) if seen is None else seen
        self._pending = PendingEvents(retry, ids, transport.settle, Filter(source.keys))
        self._handover = Handover(source.replay, self._pending, window, now) if source.replay else None
        self._error: BaseException | None = None
        self.stopped = False

    @property
    def replaying(self) -> bool:
        return self._handover is not None

    def take(self, item: Item, now: float) -> bool:
        """Process an item; return whether it reports a reconnect. Raises Refused."""
        if isinstance(item, Delivery):
            if item.generation == self._transport.generation:
                (self._handover or self._pending).take(item, now)
        elif isinstance(item, Connected):
            self._forget(now)
            return item.again
        elif isinstance(item, Tail):
            if self._handover is not None:
                self._handover.tail(item.offset, now)
        elif isinstance(item, Failed):
            raise item.error
        elif isinstance(item, Stopped):
            self.stopped = True
        return False

    def next(self, now: float) -> PendingEvent | None:
        """Return the next event to handle, or a message with a `dead_letter` to store; None when nothing is due."""
        if self._handover is not None and self._handover.over(now, self._pending.idle):
            self._handover = None
            self._transport.end_replay()
        self._error = None
        return self._pending.next(now)

    def wait(self, now: float) -> float | None:
        """Return the seconds until an event may be due; None when only an item can change that."""
        due = [] if self._handover is None else [self._handover.due()]
        retry = self._pending.due()
        if retry is not None:
            due.append(retry)
        return max(0.0, min(due) - now) if due else None

    def retry(self, event: Event, error: BaseException) -> None:
        """Note that the handler of the event in hand failed. Raises ValueError for any other event."""
        if self._pending.in_hand is None or self._pending.in_hand.event is not event:
            raise ValueError("you can retry only the event in hand: the one that the iteration gave last")
        self._error = error

    def settle(self, pending: PendingEvent, now: float) -> None:
        """Acknowledge the event, or schedule its retry after `retry`."""
        error, self._error = self._error, None
        if error is None:
            self._pending.done(pending)
        else:
            log.warning("handling failed (%s)", type(error).__name__)
            self._pending.failed(pending, error, now)

    def dead_letter_stored(self, pending: PendingEvent) -> None:
        self._pending.done(pending)

    def dead_letter_failed(self, pending: PendingEvent, error: Exception, now: float) -> None:
        """Keep the dead letter, so that the subscriber stores it later."""
        log.warning("storing a dead letter failed (%s), trying again", type(error).__name__)
        self._pending.dead_letter_failed(pending, now)

    def _forget(self, now: float) -> None:
        self._pending.forget()
        if self._handover is not None:
            self._handover.forget(now)
