"""What happens to a subscriber, and what it must come through: kills, handlers that do not return."""

import threading
from pathlib import Path

from client_process import example
from client_stage import City, event, eventually, following

from concord_client import Event


def test_killed_in_the_middle_it_gets_the_event_again(parks: City, tmp_path: Path) -> None:
    with following(parks.url):
        parks.await_follower()
    parks.publish(*(event(number) for number in range(1, 2001)))
    with example(parks.url, tmp_path) as (process, output):
        eventually(output.read_text, lambda text: text.count("\n") > 20)
        process.kill()
        process.wait()
    printed = set(output.read_text().split())
    with following(parks.url) as parks_service:
        eventually(lambda: parks_service.handled[-1:], ["e2000"])
    handled = {f"c{each[1:]}:" for each in parks_service.handled}
    assert printed & {"c1:"}, "it had begun"
    assert handled | printed >= {f"c{number}:" for number in range(1, 2001)}
    assert parks.depth() == 0


def test_an_event_in_hand_when_its_process_dies_is_not_lost(parks: City) -> None:
    """A handler that never returns: what it had in hand goes back as soon as the connection ends."""
    begun, never = threading.Event(), threading.Event()

    def hang(_event: Event) -> None:
        begun.set()
        never.wait(120)

    with following(parks.url, hang, prefetch=1) as stuck:
        parks.await_follower()
        parks.publish(event(1))
        assert begun.wait(60)
        assert parks.depth() == 0, "it is with the handler"
        stuck.subscriber.close()
        eventually(parks.depth, 1)
        never.set()
    with following(parks.url) as next_one:
        eventually(lambda: next_one.handled, ["e1"])
    assert parks.depth() == 0


def test_heartbeats_are_served_while_a_handler_runs_long(parks: City) -> None:
    """With a heartbeat of one second the broker would end a silent connection after two or three."""
    begun, go_on, again = threading.Event(), threading.Event(), threading.Event()

    def work(_event: Event) -> None:
        begun.set()
        assert go_on.wait(120)

    with following(f"{parks.url}?heartbeat=1", work, on_reconnect=again.set) as parks_service:
        parks.await_follower()
        parks.publish(event(1))
        assert begun.wait(60)
        assert not again.wait(5)
        go_on.set()
        eventually(lambda: parks_service.handled, ["e1"])
    assert not again.is_set()
    assert parks.depth() == 0
