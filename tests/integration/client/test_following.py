"""A subscriber on a real broker, with a login of least privilege."""

import threading

import pytest
from client_stage import QUEUE, TYPES, City, event, eventually, following

from concord_client import Event, Refused, Retry, Subscriber

PROMPT = Retry(attempts=3, first=0.05, factor=1)


def test_it_gets_what_it_asked_for_and_nothing_else(parks: City) -> None:
    with following(parks.url) as parks_service:
        parks.await_follower()
        parks.publish(event(1), event(2, area="B3"), event(3, area="C6"), event(4, category="noise"), event(5))
        eventually(lambda: parks_service.handled, ["e1", "e2", "e5"])
    assert parks.depth() == 0


def test_iterating_acknowledges_when_the_next_is_asked_for(parks: City) -> None:
    with following(parks.url):
        parks.await_follower()
    parks.publish(event(1), event(2))
    options = {"types": TYPES, "areas": ["B2"], "categories": ["graffiti"], "dead_letter": print}
    with Subscriber(parks.url, queue=QUEUE, **options) as subscriber:
        events = iter(subscriber)
        assert [next(events).id, next(events).id] == ["e1", "e2"]
    assert parks.depth() == 1, "the one in hand was given back"


def test_an_event_that_comes_twice_is_handled_once(parks: City) -> None:
    with following(parks.url) as parks_service:
        parks.await_follower()
        parks.publish(event(1), event(1), event(2))
        eventually(lambda: parks_service.handled, ["e1", "e2"])
        parks.publish(event(1), event(3))
        eventually(lambda: parks_service.handled, ["e1", "e2", "e3"])
    assert parks.depth() == 0


def test_what_keeps_failing_or_cannot_be_read_becomes_a_dead_letter(parks: City) -> None:
    tried: list[str] = []

    def handle(each: Event) -> None:
        tried.append(each.id)
        if each.id == "e1":
            raise RuntimeError("no such bench")

    with following(parks.url, handle, retry=PROMPT) as parks_service:
        parks.await_follower()
        key, _ = event(1)
        parks.publish(event(1), (key, b'{"specversion": "1.0"}'), event(2))
        eventually(lambda: len(parks_service.letters), 2)
        eventually(lambda: parks_service.handled, ["e2"])
    assert parks.depth() == 0
    assert tried.count("e1") == 3
    reasons = sorted(each.reason for each in parks_service.letters)
    assert reasons[0] == "failed with RuntimeError"
    assert "missing id" in reasons[1]


@pytest.mark.parametrize(("failures", "left"), [(2, 0), (1000, 1)])
def test_a_dead_letter_is_acknowledged_once_it_is_put_away(parks: City, failures: int, left: int) -> None:
    asked: list[object] = []

    def bury(letter: object) -> None:
        asked.append(letter)
        if len(asked) <= failures:
            raise OSError("disk full")

    with following(parks.url, dead_letter=bury, retry=PROMPT):
        parks.await_follower()
        parks.publish((event(1)[0], b"not JSON"))
        eventually(lambda: len(asked), lambda count: count >= 3)
    assert parks.depth() == left


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"areas": ["C6"]}, "areas and categories of your login's grant"),
        ({"types": [], "areas": [], "categories": [], "bindings": ["#"]}, "your login's grant"),
        ({"exchange": "concord.private"}, "your login's grant"),
    ],
)
def test_what_was_not_granted_is_refused_with_what_to_do(parks: City, options: dict[str, object], said: str) -> None:
    with following(parks.url, **options) as parks_service:
        eventually(lambda: len(parks_service.error), 1)
    assert isinstance(parks_service.error[0], Refused)
    assert said in str(parks_service.error[0])


def test_a_wrong_secret_is_told_at_once_and_not_shown(parks: City) -> None:
    url = parks.node.amqp_url(parks.user, "wrong-secret", parks.vhost)
    with following(url) as parks_service:
        eventually(lambda: len(parks_service.error), 1)
    assert "login" in str(parks_service.error[0])
    assert "wrong-secret" not in str(parks_service.error[0])


class HeldEnding(threading.Event):
    """An end that the connection's thread learns only after `set`: it waits at its look between two flushes."""

    def __init__(self) -> None:
        super().__init__()
        self.hold, self.held = threading.Event(), threading.Event()

    def is_set(self) -> bool:
        if self.hold.is_set():
            self.held.set()
            return self.wait(30)
        return super().is_set()


def test_the_last_event_before_a_stop_is_acknowledged(parks: City) -> None:
    ending = HeldEnding()

    def handle(each: Event) -> None:
        ending.hold.set()
        assert ending.held.wait(30)
        service.subscriber.stop()

    with following(parks.url, handle) as service:
        service.subscriber._connection._ending = ending
        parks.await_follower()
        parks.publish(event(1))
        eventually(lambda: service.thread is not None and service.thread.is_alive(), False)
    assert service.handled == ["e1"]
    assert parks.depth() == 0
