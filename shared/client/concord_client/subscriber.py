"""The subscriber: iterate over it, or give it a function."""

import queue
import time
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Self

from concord_client.bindings import Filter, routing_keys
from concord_client.connection import Source
from concord_client.dead_letters import DeadLetter, DeadLetterSink
from concord_client.deduplication import SeenIds
from concord_client.delivery import Item, Stopped
from concord_client.event import Event
from concord_client.pending_events import PendingEvent
from concord_client.replay import Replay
from concord_client.retry import Retry
from concord_client.session import Connect, Session, to_broker
from concord_client.signals import stopping_on_signals
from concord_client.tls import Tls

EXCHANGE = "concord.events"


class Inbox:
    """Passes items from the connection's thread to the subscriber, and has the clock for its waits."""

    def __init__(self) -> None:
        self._items: queue.SimpleQueue[Item] = queue.SimpleQueue()

    def put(self, item: Item) -> None:
        """Add an item, from any thread or signal handler."""
        self._items.put(item)

    def now(self) -> float:
        return time.monotonic()

    def get(self, seconds: float | None) -> Item | None:
        """Return the next item; None when none came within the seconds."""
        try:
            return self._items.get(timeout=seconds)
        except queue.Empty:
            return None


class Subscriber:
    """Follows events. Use it in a `with` statement, or call `run`, so that it closes its connection.

    - `queue` is your own queue, which city IT made.
    - `types`, `areas` and `categories` (by default all) or `bindings` (routing keys) choose the events. The subscriber
      binds the queue to them, unless `bind=False`. It drops other events that an old binding brings.
    - `prefetch` is the maximum number of unacknowledged messages in this process.
    - `seen`, or else a window of the last `window` ids, holds the ids of handled events. The subscriber acknowledges a
      known event without giving it to you.
    - `dead_letter` stores unreadable messages, and events that failed as often as `retry` allows.
    - The subscriber calls `on_reconnect` after a lost connection is back.
    - `tls` names files of certificates, for a URL that begins with `amqps`.

    SIGTERM and Ctrl-C stop the iteration after the event in hand. Raises ValueError for invalid arguments, Refused for
    a permanent error of the broker.
    """

    def __init__(
        self,
        url: str,
        *,
        queue: str,
        dead_letter: DeadLetterSink,
        types: Sequence[str] = (),
        areas: Sequence[str] = (),
        categories: Sequence[str] = (),
        bindings: Sequence[str] = (),
        exchange: str = EXCHANGE,
        prefetch: int = 200,
        retry: Retry | None = None,
        window: int = 100_000,
        seen: SeenIds | None = None,
        on_reconnect: Callable[[], None] | None = None,
        replay: Replay | None = None,
        bind: bool = True,
        tls: Tls | None = None,
    ) -> None:
        source = make_source(queue, types, areas, categories, bindings, exchange, prefetch, bind, replay)
        self._begin(to_broker(url, source, tls), Inbox(), source, retry or Retry(), window, seen)
        self._dead_letter = dead_letter
        self._on_reconnect = on_reconnect

    def _begin(
        self, connect: Connect, inbox: Inbox, source: Source, retry: Retry, window: int, seen: SeenIds | None
    ) -> None:
        self._inbox = inbox
        self._connection = connect(inbox.put)
        self._session = Session(self._connection, source, retry, seen, window, inbox.now())
        self._started = False

    def run(self, handle: Callable[[Event], object]) -> None:
        """Handle every event until `stop` or a signal. When `handle` raises, the event comes again later."""
        with self:
            for event in self:
                try:
                    handle(event)
                except Exception as error:  # an error of the service's own code
                    self.retry(event, error)

    def __iter__(self) -> Iterator[Event]:
        """Yield events until `stop` or a signal. Asking for the next event acknowledges the one before."""
        with stopping_on_signals(self.stop):
            if not self._started:
                self._started = True
                self._connection.start()
            while (pending := self._next()) is not None:
                assert pending.event is not None
                yield pending.event
                self._session.settle(pending, self._inbox.now())

    def retry(self, event: Event, error: BaseException) -> None:
        """Report that handling the event in hand failed: it comes again later, or becomes a dead letter."""
        self._session.retry(event, error)

    def stop(self) -> None:
        """End the iteration after the event in hand. Any thread or signal handler may call it."""
        self._inbox.put(Stopped())

    def close(self) -> None:
        """Close the connection. The broker returns unacknowledged messages to the queue."""
        self._connection.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _next(self) -> PendingEvent | None:
        """Return the next event to handle, or None to stop. Store the dead letters before it."""
        while True:
            while (item := self._inbox.get(0)) is not None:
                self._take(item)
            if self._session.stopped:
                return None
            pending = self._session.next(self._inbox.now())
            if pending is None:
                self._take(self._inbox.get(self._session.wait(self._inbox.now())))
            elif pending.dead_letter is None:
                return pending
            else:
                self._store(pending, pending.dead_letter)

    def _take(self, item: Item | None) -> None:
        if item is not None and self._session.take(item, self._inbox.now()) and self._on_reconnect is not None:
            self._on_reconnect()

    def _store(self, pending: PendingEvent, dead_letter: DeadLetter) -> None:
        try:
            self._dead_letter(dead_letter)
        except Exception as error:  # an error of the service's own code; the letter stays until it succeeds
            self._session.dead_letter_failed(pending, error, self._inbox.now())
        else:
            self._session.dead_letter_stored(pending)


def make_source(
    queue: str,
    types: Sequence[str],
    areas: Sequence[str],
    categories: Sequence[str],
    bindings: Sequence[str],
    exchange: str,
    prefetch: int,
    bind: bool,
    replay: Replay | None,
) -> Source:
    """Return the source. Raises ValueError for arguments that choose no events or contradict each other."""
    if isinstance(bindings, str):
        raise ValueError(f"bindings must be a list: write bindings=[{bindings!r}]")
    keys = (*routing_keys(types, areas, categories), *bindings)
    if bind and not keys:
        raise ValueError("give types, or bindings, or bind=False for a queue that has its bindings already")
    if (areas or categories) and not types:
        raise ValueError("areas and categories need types: give types too")
    if not 1 <= prefetch <= 65535:
        raise ValueError("prefetch must be 1 to 65535")
    Filter(keys)
    return Source(queue, keys, exchange, prefetch, bind, replay and replay.beside(queue))
