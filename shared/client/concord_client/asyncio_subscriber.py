"""The subscriber for asyncio: it uses the same connection thread, and you await the events."""

import asyncio
import inspect
import time
from collections import deque
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from types import TracebackType
from typing import Self

from concord_client.dead_letters import DeadLetter
from concord_client.deduplication import SeenIds
from concord_client.delivery import Item, Stopped
from concord_client.event import Event
from concord_client.pending_events import PendingEvent
from concord_client.replay import Replay
from concord_client.retry import Retry
from concord_client.session import Session, to_broker
from concord_client.signals import stopping_on_signals
from concord_client.subscriber import EXCHANGE, make_source
from concord_client.tls import Tls


class AsyncInbox:
    """Passes items from the connection's thread to one event loop. Any thread may call `put`."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._items: deque[Item] = deque()
        self._arrival = asyncio.Event()

    def put(self, item: Item) -> None:
        self._items.append(item)
        try:
            self._loop.call_soon_threadsafe(self._arrival.set)
        except RuntimeError:  # the loop is closed, so nobody waits any more
            return

    def get(self) -> Item | None:
        """Return the next item, if any."""
        return self._items.popleft() if self._items else None

    async def wait(self, seconds: float | None) -> None:
        """Wait for an item, at most `seconds`."""
        try:
            async with asyncio.timeout(seconds):
                await self._arrival.wait()
        except TimeoutError:
            return
        self._arrival.clear()


class AsyncSubscriber:
    """Takes the same arguments as `Subscriber`. Use it in `async with`.

    `dead_letter` may be a function or a coroutine function. The event loop calls `seen`, so it must not block.
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
        tls: Tls | None = None,
    ) -> None:
        source = make_source(queue, types, areas, categories, bindings, exchange, prefetch, bind, replay)
        self._connect = to_broker(url, source, tls)
        self._source, self._retry, self._seen, self._window = source, retry or Retry(), seen, window
        self._dead_letter = dead_letter
        self._on_reconnect = on_reconnect

    async def __aenter__(self) -> Self:
        self._inbox = AsyncInbox(asyncio.get_running_loop())
        self._connection = self._connect(self._inbox.put)
        now = time.monotonic()
        self._session = Session(self._connection, self._source, self._retry, self._seen, self._window, now)
        self._connection.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await asyncio.to_thread(self._connection.stop)

    async def run(self, handle: Callable[[Event], Awaitable[object]]) -> None:
        """Handle every event until `stop` or a signal. When `handle` raises, the event comes again later."""
        async with self:
            async for event in self:
                try:
                    await handle(event)
                except Exception as error:  # an error of the service's own code
                    self.retry(event, error)

    async def __aiter__(self) -> AsyncIterator[Event]:
        """Yield events until `stop` or a signal. Asking for the next event acknowledges the one before."""
        with stopping_on_signals(self.stop):
            while (pending := await self._next()) is not None:
                assert pending.event is not None
                yield pending.event
                self._session.settle(pending, time.monotonic())

    def retry(self, event: Event, error: BaseException) -> None:
        """Report that handling the event in hand failed: it comes again later, or becomes a dead letter."""
        self._session.retry(event, error)

    def stop(self) -> None:
        """End the iteration after the event in hand. Any thread or signal handler may call it."""
        self._inbox.put(Stopped())

    async def _next(self) -> PendingEvent | None:
        while True:
            while (item := self._inbox.get()) is not None:
                if self._session.take(item, time.monotonic()) and self._on_reconnect is not None:
                    self._on_reconnect()
            if self._session.stopped:
                return None
            pending = self._session.next(time.monotonic())
            if pending is None:
                await self._inbox.wait(self._session.wait(time.monotonic()))
            elif pending.dead_letter is None:
                return pending
            else:
                await self._store(pending, pending.dead_letter)

    async def _store(self, pending: PendingEvent, dead_letter: DeadLetter) -> None:
        try:
            result = self._dead_letter(dead_letter)
            if inspect.isawaitable(result):
                await result
        except Exception as error:  # an error of the service's own code; the letter stays until it succeeds
            self._session.dead_letter_failed(pending, error, time.monotonic())
        else:
            self._session.dead_letter_stored(pending)
