"""The subscriber for asyncio: the same connection thread, and events that are awaited."""

import asyncio
import inspect
import logging
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from types import TracebackType
from typing import Self

from concord_client.dead_letters import DeadLetter
from concord_client.deduplication import SeenIds
from concord_client.delivery import Item, Stopped
from concord_client.event import Event
from concord_client.pending_events import Held
from concord_client.replay import Replay
from concord_client.retry import Retry
from concord_client.session import Flow, to_broker
from concord_client.signals import stopping_on_signals
from concord_client.subscriber import EXCHANGE, source_of

log = logging.getLogger("concord_client")


class AsyncInbox:
    """Items from the connection's thread to one event loop. `put` may be called from any thread."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._items: deque[Item] = deque()
        self._there = asyncio.Event()

    def put(self, item: Item) -> None:
        self._items.append(item)
        try:
            self._loop.call_soon_threadsafe(self._there.set)
        except RuntimeError:  # the loop is closed, so nobody waits any more
            return

    def get(self) -> Item | None:
        """The next item if one is there."""
        return self._items.popleft() if self._items else None

    async def wait(self, seconds: float | None) -> None:
        """Until something has come, or the seconds are over."""
        try:
            async with asyncio.timeout(seconds):
                await self._there.wait()
        except TimeoutError:
            return
        self._there.clear()


class AsyncSubscriber:
    """As `Subscriber`, with the same arguments, in `async with`.

    `dead_letter` may be a function or a coroutine function. `seen` is called on the event loop: it must not
    block.
    """

    def __init__(
        self,
        url: str,
        *,
        queue: str,
        dead_letter: Callable[[DeadLetter], Awaitable[None] | None],
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
        self._connect = to_broker(url, source)
        self._source, self._retry, self._seen, self._window = source, retry or Retry(), seen, window
        self._dead_letter = dead_letter
        self._on_reconnect = on_reconnect
        self._in_hand: Held | None = None
        self._error: BaseException | None = None

    async def __aenter__(self) -> Self:
        self._inbox = AsyncInbox(asyncio.get_running_loop())
        self._connection = self._connect(self._inbox.put)
        now = time.monotonic()
        self._flow = Flow(self._connection, self._source, self._retry, self._seen, self._window, now)
        self._connection.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._connection.stop)

    async def run(self, handle: Callable[[Event], Awaitable[object]]) -> None:
        """Handle every event until told to stop. A handler that raises is called again later with the same event."""
        async with self:
            async for event in self:
                try:
                    await handle(event)
                except Exception as error:  # whatever the service's own code raises
                    self.retry(event, error)

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Events, each acknowledged when the next is asked for, until told to stop."""
        with stopping_on_signals(self.stop):
            while (held := await self._next()) is not None:
                assert held.event is not None
                self._in_hand, self._error = held, None
                yield held.event
                self._settle_in_hand(held)

    def retry(self, event: Event, error: BaseException) -> None:
        """Say that handling this event, the one in hand, failed: it comes again later, or becomes a dead letter."""
        if self._in_hand is None or self._in_hand.event is not event:
            raise ValueError("only the event that is in hand can be tried again")
        self._error = error

    def stop(self) -> None:
        """Have the iteration end after the event in hand. From any thread or signal handler."""
        self._inbox.put(Stopped())

    async def _next(self) -> Held | None:
        while True:
            while (item := self._inbox.get()) is not None:
                if self._flow.take(item, time.monotonic()) and self._on_reconnect is not None:
                    self._on_reconnect()
            if self._flow.stopped:
                return None
            held = self._flow.next(time.monotonic())
            if held is None:
                await self._inbox.wait(self._flow.wait(time.monotonic()))
            elif held.letter is None:
                return held
            else:
                await self._bury(held, held.letter)

    async def _bury(self, held: Held, letter: DeadLetter) -> None:
        try:
            answer = self._dead_letter(letter)
            if inspect.isawaitable(answer):
                await answer
        except Exception as error:  # the service's own code again; the letter stays until it succeeds
            log.warning("a dead letter could not be put away (%s), trying again", type(error).__name__)
            self._flow.dead_letter_failed(held, time.monotonic())
        else:
            self._flow.done(held)

    def _settle_in_hand(self, held: Held) -> None:
        self._in_hand = None
        if self._error is None:
            self._flow.done(held)
        else:
            log.warning("handling failed (%s)", type(self._error).__name__)
            self._flow.failed(held, self._error, time.monotonic())
