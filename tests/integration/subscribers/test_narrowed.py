"""A grant that is narrowed, suspended or removed ends at once: nothing that was taken away comes afterwards."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pika
import pytest
from client_stage import event, eventually
from subscriber_stage import CITY, PARKS, Broker, channel, connects, received

OWN = "sub.parks.events"
KEY = "concern.routed.v1.B3.graffiti"
NARROW = ("--types", "concern.routed.v1,concern.resolved.v1", "--areas", "B2", "--categories", "graffiti")


@dataclass
class Reader:
    """A subscriber of another make: it takes what comes, and binds again whatever it may."""

    url: str
    keys: list[str] = field(default_factory=list)
    ended: threading.Event = field(default_factory=threading.Event)

    def serve(self) -> None:
        try:
            with channel(self.url) as opened:
                opened.basic_consume(OWN, self._take, auto_ack=True)
                while True:
                    opened.connection.process_data_events(0.1)
                    opened.queue_bind(OWN, "concord.events", KEY, {"again": len(self.keys)})
        except pika.exceptions.AMQPError:
            self.ended.set()

    def _take(self, _channel: object, method: Any, _properties: object, _body: bytes) -> None:
        self.keys.append(method.routing_key)


@contextmanager
def reading(url: str) -> Iterator[Reader]:
    reader = Reader(url)
    thread = threading.Thread(target=reader.serve)
    thread.start()
    try:
        yield reader
    finally:
        thread.join(30)
        assert reader.ended.is_set(), "its connection should have been closed"


def narrow(city: Broker, *options: str) -> Any:
    return city.concord("add", "parks", "--update", *NARROW, "--city", CITY, *options)


def test_a_key_bound_five_times_with_different_arguments_ends_whole(city: Broker) -> None:
    url = city.add("parks")
    with channel(url) as opened:
        for number in range(5):
            opened.queue_bind(OWN, "concord.events", KEY, {"number": number})
    city.publish(event(1, area="B3"), event(2))
    narrow(city)
    city.publish(event(3, area="B3"), event(4))
    assert received(url, OWN, 2) == ["e2", "e4"]
    assert city.depth(OWN) == 0
    assert city.bindings(OWN) == {f"concern.{what}.v1.B2.graffiti" for what in ("routed", "resolved")}


def test_a_subscriber_that_binds_again_and_again_is_ended_with_what_it_holds(city: Broker) -> None:
    url = city.add("parks")
    with reading(url) as reader:
        city.publish(event(1, area="B3"))
        eventually(lambda: len(reader.keys), 1)
        narrow(city)
        assert reader.ended.wait(10)
    city.publish(event(2, area="B3"), event(3))
    assert received(url, OWN, 1) == ["e3"]
    assert city.depth(OWN) == 0


def test_waiting_events_that_stay_granted_keep_their_order(city: Broker, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a small prefetch, so that several consumers hold them."""
    monkeypatch.setattr("concord_cli.subscriber.waiting_events.PREFETCH", 7)
    url = city.add("parks")
    city.publish(*(event(number, area=("B2", "B3")[number % 2]) for number in range(60)))
    narrow(city)
    assert received(url, OWN, 30) == [f"e{number}" for number in range(0, 60, 2)]
    assert city.depth(OWN) == 0


def test_its_log_of_the_past_ends_too_with_the_bindings_of_its_own(city: Broker) -> None:
    city.publish(event(1), event(2, area="B3"))
    url = city.add("parks", *PARKS, "--replay", "30d")
    with channel(url) as opened:
        opened.queue_bind("sub.parks.replay", "concord.events", KEY, {"number": 1})
    narrow(city, "--replay", "30d")
    assert city.bindings("sub.parks.replay") == city.bindings(OWN)
    city.publish(event(3, area="B3"), event(4))
    with channel(url) as opened:
        opened.basic_qos(prefetch_count=10)
        found: list[str] = []
        opened.basic_consume(
            "sub.parks.replay", lambda _c, method, *_: found.append(method.routing_key), arguments=FIRST
        )
        eventually(lambda: opened.connection.process_data_events(0.1) or len(found), 2)
    assert set(found) == {"concern.routed.v1.B2.graffiti"}


FIRST = {"x-stream-offset": "first"}


def test_a_suspended_one_is_closed_before_the_command_returns(city: Broker) -> None:
    url = city.add("parks")
    with reading(url) as reader:
        eventually(lambda: city.node.management.call("GET", "/api/connections/username/parks"), lambda rows: bool(rows))
        city.concord("suspend", "parks")
        assert reader.ended.wait(10)
    assert not connects(url)
    narrow(city)
    assert not connects(url), "a changed grant does not end the suspension"
    city.concord("resume", "parks")
    assert connects(url)


def test_a_removed_one_leaves_nothing_behind(city: Broker) -> None:
    url = city.add("parks")
    with reading(url) as reader:
        city.concord("remove", "parks", "--yes")
        assert reader.ended.wait(10)
    with pytest.raises(pika.exceptions.AMQPConnectionError), channel(url):
        pass
    rows = city.node.management.call("GET", f"/api/bindings/{city.vhost}")
    assert not [each for each in rows if each["destination"].startswith("sub.parks.")]
