"""The broker goes and comes back; the subscriber waits, and stops when it is told to."""

import threading

from client_stage import City, event, eventually, following

from concord_client import Event


def test_it_reconnects_after_the_brokers_restart_and_handles_each_once(parks_own: City) -> None:
    begun, go_on, again = threading.Event(), threading.Event(), threading.Event()

    def work(each: Event) -> None:
        if each.id == "e2":
            begun.set()
            assert go_on.wait(120)

    with following(parks_own.url, work, on_reconnect=again.set) as parks_service:
        parks_own.await_follower()
        parks_own.publish(event(1), event(2), event(3))
        assert begun.wait(60)
        parks_own.node.kill()
        parks_own.node.start()
        parks_own.publish(event(4))
        go_on.set()
        eventually(lambda: sorted(parks_service.handled), ["e1", "e2", "e3", "e4"])
        assert again.is_set()
    assert parks_own.depth() == 0


def test_it_waits_for_a_broker_that_is_not_there_yet_and_stops_within_seconds(parks_own: City) -> None:
    parks_own.node.kill()
    with following(parks_own.url) as parks_service:
        parks_service.stop(20)
    assert parks_service.error == []
    with following(parks_own.url) as parks_service:
        parks_own.node.start()
        parks_own.await_follower()
        parks_own.publish(event(1))
        eventually(lambda: parks_service.handled, ["e1"])


def test_it_stops_within_seconds_while_the_broker_is_frozen(parks_own: City) -> None:
    with following(parks_own.url) as parks_service:
        parks_own.await_follower()
        parks_own.node.freeze()
        parks_service.stop(30)
        parks_own.node.thaw()
    assert parks_service.error == []
