"""A grant is narrowed and widened again while events flow: nothing that was taken away comes after the command ends.

The twins in `make test` are in tests/integration/subscribers/test_narrowed.py.
"""

import json
import os
import random
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pika
import pytest
from client_stage import event, eventually
from subscriber_stage import CITY, PARKS, Broker, broker, channel

from concord_nodes import RabbitNode

ROUNDS = int(os.environ.get("CONCORD_CHAOS_GRANTS") or 10)
OWN = "sub.parks.events"
NARROW = ("--types", "concern.routed.v1,concern.resolved.v1", "--areas", "B2", "--categories", "graffiti")
TAKEN_AWAY = "concern.routed.v1.B3.graffiti"


class City:
    """A broker with a load of events of both areas, and a greedy subscriber that binds again whatever it may."""

    def __init__(self, broker: Broker, url: str) -> None:
        self._broker, self._url = broker, url
        self.ended = threading.Event()
        self.published: dict[str, str] = {}
        self.received: dict[str, str] = {}
        self._threads = [threading.Thread(target=each, daemon=True) for each in (self._publish, self._subscribe)]

    def __enter__(self) -> "City":
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.ended.set()
        for thread in self._threads:
            thread.join(30)
            assert not thread.is_alive()

    def _publish(self) -> None:
        with channel(self._broker.admin) as opened:
            opened.confirm_delivery()
            number = 0
            while not self.ended.wait(0.005):
                number += 1
                area = ("B2", "B3")[number % 2]
                key, body = event(number, area=area)
                opened.basic_publish("concord.events", key, body, pika.BasicProperties(delivery_mode=2))
                self.published[f"e{number}"] = area

    def _subscribe(self) -> None:
        pause = threading.Event()
        while not self.ended.is_set():
            with suppress(pika.exceptions.AMQPError), channel(self._url) as opened:
                opened.basic_consume(OWN, self._take, auto_ack=True)
                count = 0
                while not self.ended.is_set():
                    opened.connection.process_data_events(0.02)
                    opened.queue_bind(OWN, "concord.events", TAKEN_AWAY, {"again": count % 5})
                    count += 1
            pause.wait(0.05)

    def _take(self, _channel: object, method: Any, _properties: object, body: bytes) -> None:
        self.received[json.loads(body)["id"]] = method.routing_key.split(".")[3]


def grows(read: Callable[[], int], by: int) -> None:
    """Wait until the number has grown."""
    before = read()
    eventually(read, lambda now: now >= before + by)


@pytest.fixture
def granted(rabbit: RabbitNode) -> Any:
    with broker(rabbit) as made:
        yield made


def test_nothing_comes_that_was_taken_away_before(granted: Broker) -> None:
    chance = random.Random(ROUNDS)
    taken_away = set()
    with City(granted, granted.add("parks")) as city:
        for _ in range(ROUNDS):
            grows(lambda: len(city.received), chance.randrange(5, 60))
            granted.concord("add", "parks", "--update", *NARROW, "--city", CITY)
            after = len(city.published)
            grows(lambda: len(city.published), 40)
            grows(lambda: len(city.received), 5)
            numbers = range(after + 2, len(city.published))  # one may be on its way at the end of the command
            taken_away |= {f"e{number}" for number in numbers if number % 2}
            granted.concord("add", "parks", "--update", *PARKS, "--city", CITY)
    leaked = taken_away & set(city.received)
    kept = [each for each, area in city.received.items() if area == "B2"]
    print(f"{ROUNDS} rounds: {len(city.published)} events, {len(taken_away)} taken away, {len(leaked)} leaked")
    assert len(taken_away) >= 10 * ROUNDS
    assert leaked == set()
    assert kept
