"""From a time in the past to now and on, over a real stream, while events keep coming."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pika
from client_stage import EXCHANGE, City, event, eventually, following

from concord_client import Event, Replay

LONG_AGO = datetime(2026, 1, 1, tzinfo=UTC)
SWIFT = {"quiet": 0.5, "patience": 3, "overlap": 1}


@contextmanager
def publishing(parks: City, first: int, pause: float = 0.001) -> Iterator[list[int]]:
    """Publishes e<first>, e<first + 1>... until the block ends; the list holds the number after the last, then."""
    ending, after = threading.Event(), [first]

    def publish() -> None:
        with parks.channel() as channel:
            while not ending.is_set():
                key, body = event(after[0])
                channel.basic_publish(EXCHANGE, key, body, pika.BasicProperties(delivery_mode=2))
                after[0] += 1
                time.sleep(pause)

    thread = threading.Thread(target=publish)
    thread.start()
    try:
        yield after
    finally:
        ending.set()
        thread.join()


def test_no_gap_and_no_double_while_events_keep_coming(parks: City) -> None:
    parks.publish(*(event(number) for number in range(3000)))
    replay = Replay(LONG_AGO, **SWIFT)
    with publishing(parks, 3000) as after, following(parks.url, replay=replay) as parks_service:
        eventually(lambda: len(parks_service.handled), lambda count: count > 3500)
        eventually(lambda: after[0] > 5000, True)
        eventually(lambda: parks_service.subscriber._session.replaying, False)
        begun_live = len(parks_service.handled)
        eventually(lambda: len(parks_service.handled), lambda count: count > begun_live + 100)
        published_by_then = after[0]
        eventually(lambda: len(parks_service.handled), lambda count: count >= published_by_then)
    with following(parks.url) as rest:
        eventually(lambda: len({*parks_service.handled, *rest.handled}), after[0])
    assert len(parks_service.handled) == len(set(parks_service.handled)), "none twice"
    past = {f"e{number}" for number in range(3000)}
    assert past <= set(parks_service.handled), "order holds within a concern, and each of these is one of its own"


def test_only_from_the_time_asked_for_and_only_what_was_asked_for(parks: City) -> None:
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)
    old = (event(number, when=noon - timedelta(hours=1)) for number in range(50))
    new = (event(number, when=noon + timedelta(seconds=number)) for number in range(50, 100))
    parks.publish(*old, event(1000, area="C6"), *new, event(1001, category="noise"))
    parks.purge()
    with following(parks.url, replay=Replay(noon, **SWIFT)) as parks_service:
        eventually(lambda: parks_service.handled, [f"e{number}" for number in range(50, 100)])
        parks.publish(event(100))
        eventually(lambda: parks_service.handled[50:], ["e100"])


def test_an_empty_past_leads_to_live(parks: City) -> None:
    with following(parks.url, replay=Replay(LONG_AGO, quiet=0.2, patience=1, overlap=0.5)) as parks_service:
        parks.await_follower()
        eventually(lambda: parks_service.subscriber._session.replaying, False)
        parks.publish(event(1))
        eventually(lambda: parks_service.handled, ["e1"])


def test_a_replay_goes_on_where_it_was_after_a_lost_connection(parks: City) -> None:
    parks.publish(*(event(number) for number in range(1500)))
    cut, again = threading.Event(), threading.Event()

    def handle(each: Event) -> None:
        if each.id == "e700":
            cut_connections(parks)
            cut.set()

    replay = Replay(LONG_AGO, **SWIFT)
    with following(parks.url, handle, replay=replay, on_reconnect=again.set) as parks_service:
        eventually(lambda: len(set(parks_service.handled)), 1500)
        parks.publish(event(1500))
        eventually(lambda: parks_service.handled[-1], "e1500")
    assert again.is_set()
    assert parks_service.handled == [f"e{number}" for number in range(1501)]


def cut_connections(parks: City) -> None:
    """End the subscriber's connections from the broker's side."""

    def found() -> list[str]:
        listed = parks.node.management.call("GET", "/api/connections")
        return [each["name"] for each in listed if each.get("user") == parks.user]

    for name in eventually(found, lambda names: bool(names)):
        parks.node.management.call("DELETE", f"/api/connections/{name.replace(' ', '%20').replace('>', '%3E')}")
