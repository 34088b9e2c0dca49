"""What a broker or a network may do to a subscriber, and that it goes on by itself and says why in words."""

import asyncio
import logging
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from client_stage import QUEUE, TYPES, City, event, eventually, following
from unruly_proxy import Step, UnrulyProxy

from concord_bus.topology.declarations import DEADLY
from concord_client import AsyncSubscriber, Event
from concord_client.retry import Backoff

HANDSHAKE_FRAMES = ("header", "start-ok", "tune-ok", "open", "channel.open", "bind", "bind", "qos", "consume")
TOO_LATE = "the broker ended the subscription (an event was not acknowledged in time, so the broker takes it back)"
EVENTS = 30
LIMIT = 3
"""Redeliveries in these tests, in place of the declared 200."""


@pytest.fixture
def prompt(monkeypatch: pytest.MonkeyPatch) -> None:
    """No long pauses between connections, and a short wait for an answer."""
    monkeypatch.setattr("concord_client.connection.Backoff", partial(Backoff, first=0.01, longest=0.05))
    monkeypatch.setattr("concord_client.connection.ANSWER_SECONDS", 0.5)


@pytest.fixture
def impatient(parks: City) -> Iterator[City]:
    """The broker takes an event back after 1.5 s without acknowledgement, and looks each half second."""
    parks.node.ctl("eval", set_env(consumer_timeout=1500, channel_tick_interval=500))
    yield parks
    parks.node.ctl("eval", set_env(consumer_timeout=1_800_000, channel_tick_interval=60_000))


def set_env(**values: int) -> str:
    return ", ".join(f"application:set_env(rabbit, {name}, {value})" for name, value in values.items()) + "."


def test_after_an_acknowledgement_timeout_the_events_come_again(
    impatient: City, caplog: pytest.LogCaptureFixture
) -> None:
    again = threading.Event()

    def work(each: Event) -> None:
        if each.id == "e1":
            eventually(lambda: TOO_LATE in caplog.text, True)

    with following(impatient.url, work, on_reconnect=again.set) as parks_service:
        impatient.await_follower()
        impatient.publish(event(1), event(2))
        eventually(lambda: parks_service.handled, ["e1", "e2"])
        impatient.publish(event(3))
        eventually(lambda: parks_service.handled, ["e1", "e2", "e3"])
        assert again.is_set()
    assert impatient.depth() == 0


def test_the_asyncio_subscriber_comes_back_from_it_too(impatient: City, caplog: pytest.LogCaptureFixture) -> None:
    handled: list[str] = []

    async def main() -> None:
        subscriber = AsyncSubscriber(
            impatient.url,
            queue=QUEUE,
            types=TYPES,
            areas=["B2"],
            categories=["graffiti"],
            dead_letter=lambda letter: None,
        )

        async def handle(each: Event) -> None:
            if each.id == "e1":
                await asyncio.to_thread(eventually, lambda: TOO_LATE in caplog.text, True)
            handled.append(each.id)

        running = asyncio.create_task(subscriber.run(handle))
        await asyncio.to_thread(impatient.await_follower)
        for numbers in ((1, 2), (3,)):
            await asyncio.to_thread(impatient.publish, *map(event, numbers))
            await asyncio.to_thread(eventually, lambda: handled[-1:], [f"e{numbers[-1]}"])
        subscriber.stop()
        await asyncio.wait_for(running, 60)

    asyncio.run(main())
    assert handled == ["e1", "e2", "e3"]
    assert impatient.depth() == 0


@pytest.mark.usefixtures("prompt")
@pytest.mark.parametrize("silent", [False, True], ids=["cut", "silent"])
def test_a_connection_that_ends_at_any_step_of_the_handshake_is_made_again(
    parks: City, caplog: pytest.LogCaptureFixture, silent: bool
) -> None:
    """Silence is noticed by the limit for the handshake up to open-ok, and by heartbeats afterwards."""
    steps = range(4 if silent else len(HANDSHAKE_FRAMES))
    with UnrulyProxy(parks.url, [Step(frame, silent) for frame in steps]) as proxy, following(proxy.url) as service:
        parks.await_follower()
        parks.publish(event(1))
        eventually(lambda: service.handled, ["e1"])
        assert service.error == []
        assert proxy.connections == len(steps) + 1
    said = [each.message for each in caplog.records if each.name == "concord_client"]
    assert len(said) == len(steps)
    expected = "(no answer within 10 s)" if silent else "(the connection was cut"
    assert all(expected in line for line in said), said


def test_a_host_that_does_not_exist_is_named(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING, "concord_client"), following("amqp://a:b@no-such-host.invalid/"):
        eventually(lambda: "no connection to the broker (no such host), trying again" in caplog.text, True)


@contextmanager
def limited(parks: City) -> Iterator[None]:
    path = f"/api/policies/{parks.vhost}/concord-subscribers"
    declared: dict[str, Any] = parks.node.management.call("GET", path)
    parks.node.management.call(
        "PUT", path, {**declared, "definition": {**declared["definition"], "delivery-limit": LIMIT}}
    )
    yield


def test_a_deadly_event_goes_alone_and_is_kept(parks: City, tmp_path: Path) -> None:
    notes = tmp_path / "notes"
    program = Path(__file__).with_name("dying_service.py")
    command = [sys.executable, str(program), parks.url, QUEUE, "e1", str(notes)]
    last = event(99)
    with limited(parks):
        parks.publish(*(event(number) for number in range(1, EVENTS)), (last[0], last[1].replace(b'"e99"', b'"last"')))
        deaths = 0
        while subprocess.run(command, timeout=60, check=False).returncode:
            deaths += 1
            assert deaths < 3 * LIMIT
            eventually(lambda: parks.depth() + parks.depth(DEADLY), EVENTS)  # it takes them back a moment later
    handled = notes.read_text().split()
    assert deaths == LIMIT + 1, handled
    assert handled.count("e1") == deaths
    assert set(handled) == {f"e{number}" for number in range(1, EVENTS)} | {"last"}
    eventually(lambda: parks.depth(DEADLY), 1)
    assert parks.depth() == 0
