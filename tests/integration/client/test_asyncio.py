"""The asyncio subscriber on a real broker: the same meaning."""

import asyncio
import os
import signal
import threading
from collections.abc import Callable

from client_stage import QUEUE, TYPES, City, event, eventually

from concord_client import AsyncSubscriber, DeadLetter, Event, Retry

FILTERS = {"types": TYPES, "areas": ["B2"], "categories": ["graffiti"]}
PROMPT = Retry(attempts=2, first=0.05)


async def until(read: Callable[[], bool]) -> None:
    async with asyncio.timeout(45):
        while not read():
            await asyncio.sleep(0.02)


def test_it_handles_retries_dedupes_buries_and_ends_at_sigterm(parks: City) -> None:
    handled: list[str] = []
    letters: list[DeadLetter] = []

    async def bury(letter: DeadLetter) -> None:
        await asyncio.sleep(0)
        letters.append(letter)

    async def handle(each: Event) -> None:
        await asyncio.sleep(0)
        handled.append(each.id)
        if each.id == "e2":
            raise RuntimeError

    async def main() -> None:
        subscriber = AsyncSubscriber(parks.url, queue=QUEUE, dead_letter=bury, retry=PROMPT, **FILTERS)
        running = asyncio.create_task(subscriber.run(handle))
        await asyncio.to_thread(parks.await_follower)
        await asyncio.to_thread(parks.publish, event(1), event(1), event(2), event(3), (event(1)[0], b"{}"))
        await until(lambda: len(letters) == 2 and "e3" in handled)
        os.kill(os.getpid(), signal.SIGTERM)
        await asyncio.wait_for(running, 30)

    asyncio.run(main())
    assert sorted(handled) == ["e1", "e2", "e2", "e3"]
    assert sorted(each.attempts for each in letters) == [0, 2]
    assert parks.depth() == 0


def test_iterating_gives_back_what_is_in_hand_when_the_task_is_cancelled(parks: City) -> None:
    got = threading.Event()

    async def main() -> None:
        async with AsyncSubscriber(parks.url, queue=QUEUE, dead_letter=print, **FILTERS) as subscriber:
            async for _each in subscriber:
                got.set()
                await asyncio.sleep(120)

    async def cancelled() -> None:
        task = asyncio.create_task(main())
        await asyncio.to_thread(parks.await_follower)
        await asyncio.to_thread(parks.publish, event(1))
        await asyncio.to_thread(got.wait, 45)
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()

    asyncio.run(cancelled())
    eventually(parks.depth, 1)
