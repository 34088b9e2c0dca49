"""The subscriber: iterate over it, or give it a function."""

import logging
import queue
import time
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import Self

from concord_client.bindings import Filter, routing_keys
from concord_client.connection import Source
from concord_client.dead_letters import DeadLetterSink
from concord_client.deduplication import SeenIds
from concord_client.delivery import Item, Stopped
from concord_client.event import Event
from concord_client.pending_events import Held
from concord_client.replay import Replay
from concord_client.retry import Retry
from concord_client.session import Connect, Connection, Flow, to_broker
from concord_client.signals import stopping_on_signals

log = logging.getLogger("concord_client")

EXCHANGE = "concord.events"


class Inbox:
    """Items on their way from the connection's thread, and the clock by which is waited for them."""

    def __init__(self) -> None:
        self._items: queue.SimpleQueue[Item] = queue.SimpleQueue()

    def put(self, item: Item) -> None:
        """From any thread or signal handler."""
        self._items.put(item)

    def now(self) -> float:
        return time.monotonic()

    def get(self, seconds: float | None) -> Item | None:
        """The next item; None when none came within the seconds."""
        try:
            return self._items.get(timeout=seconds)
        except queue.Empty:
            return None


class Subscriber:
    """Follows events. Use it in a `with` statement, or call `run`, so that it is closed.

    `queue` is your own, as city IT made it; it is bound to what `types`, `areas` and `categories` (none given: all) or
    `bindings` (routing keys) name; `bind=False` takes the queue as it is. What none of them name is not handed out,
    though another binding brings it. At most `prefetch` messages are here
    unacknowledged. An id among the last `window` handled, or in `seen`, is acknowledged and not handed out again.
    `dead_letter` keeps what cannot be read and what failed as often as `retry` allows. `on_reconnect` is called when
    a lost connection is back. SIGTERM and Ctrl-C stop it after the event in hand.

    Raises ValueError for arguments that cannot work, Refused when the broker refuses them for good.
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
    ) -> None:
        source = source_of(queue, types, areas, categories, bindings, exchange, prefetch, bind, replay)
        self._begin(to_broker(url, source), Inbox(), source, retry or Retry(), window, seen)
        self._dead_letter = dead_letter
        self._on_reconnect = on_reconnect

    def _begin(
        self, connect: Connect, inbox: Inbox, source: Source, retry: Retry, window: int, seen: SeenIds | None
    ) -> None:
        self._inbox = inbox
        self._connection: Connection = connect(inbox.put)
        self._flow = Flow(self._connection, source, retry, seen, window, inbox.now())
        self._started = False
        self._in_hand: Held | None = None
        self._error: BaseException | None = None

    def run(self, handle: Callable[[Event], object]) -> None:
        """Handle every event until told to stop. A handler that raises is called again later with the same event."""
        with self:
            for event in self:
                try:
                    handle(event)
                except Exception as error:  # whatever the service's own code raises
                    self.retry(event, error)

    def __iter__(self) -> Iterator[Event]:
        """Events, each acknowledged when the next is asked for, until told to stop."""
        with stopping_on_signals(self.stop):
            self._start()
            while True:
                held = self._next()
                if held is None:
                    return
                assert held.event is not None
                self._in_hand, self._error = held, None
                yield held.event
                self._settle_in_hand()

    def retry(self, event: Event, error: BaseException) -> None:
        """Say that handling this event, the one in hand, failed: it comes again later, or becomes a dead letter."""
        if self._in_hand is None or self._in_hand.event is not event:
            raise ValueError("only the event that is in hand can be tried again")
        self._error = error

    def stop(self) -> None:
        """Have the iteration end after the event in hand. From any thread or signal handler."""
        self._inbox.put(Stopped())

    def close(self) -> None:
        """Close the connection; what was not acknowledged goes back to the queue."""
        self._connection.stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _start(self) -> None:
        if not self._started:
            self._started = True
            self._connection.start()

    def _next(self) -> Held | None:
        """The next event to handle; None when told to stop. Buries dead letters on the way."""
        while True:
            self._take_what_is_there()
            if self._flow.stopped:
                return None
            held = self._flow.next(self._inbox.now())
            if held is None:
                self._take(self._inbox.get(self._flow.wait(self._inbox.now())))
            elif held.letter is None:
                return held
            else:
                self._bury(held)

    def _take_what_is_there(self) -> None:
        while (item := self._inbox.get(0)) is not None:
            self._take(item)

    def _take(self, item: Item | None) -> None:
        if item is not None and self._flow.take(item, self._inbox.now()) and self._on_reconnect is not None:
            self._on_reconnect()

    def _bury(self, held: Held) -> None:
        assert held.letter is not None
        try:
            self._dead_letter(held.letter)
        except Exception as error:  # the service's own code again; the letter stays until it succeeds
            log.warning("a dead letter could not be put away (%s), trying again", type(error).__name__)
            self._flow.dead_letter_failed(held, self._inbox.now())
        else:
            self._flow.done(held)

    def _settle_in_hand(self) -> None:
        held, self._in_hand = self._in_hand, None
        assert held is not None
        if self._error is None:
            self._flow.done(held)
        else:
            log.warning("handling failed (%s)", type(self._error).__name__)
            self._flow.failed(held, self._error, self._inbox.now())


def source_of(
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
    """Raises ValueError when the arguments name nothing to follow, or cannot work."""
    if isinstance(bindings, str):
        raise ValueError(f"bindings must be a list: write bindings=[{bindings!r}]")
    keys = (*routing_keys(types, areas, categories), *bindings)
    if bind and not keys:
        raise ValueError("name the types to follow, or give bindings, or bind=False for a queue that is bound")
    if (areas or categories) and not types:
        raise ValueError("areas and categories narrow types down: name the types too")
    if not 1 <= prefetch <= 65535:
        raise ValueError("prefetch must be 1 to 65535")
    Filter(keys)
    return Source(queue, keys, exchange, prefetch, bind, replay and replay.beside(queue))
