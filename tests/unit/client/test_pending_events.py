"""The desk: order, retry, dedupe and dead letters, with time as a number."""

import pytest
from client_samples import delivery

from concord_client import BadMessage, Retry, SeenWindow
from concord_client.bindings import Filter
from concord_client.channel_consumer import Acknowledgements
from concord_client.delivery import Delivery
from concord_client.pending_events import PendingEvent, PendingEvents
from concord_client.retry import Backoff


class Table:
    """A desk and what it settled."""

    def __init__(self, attempts: int = 3) -> None:
        self.settled: list[Delivery] = []
        self.seen = SeenWindow(10)
        self.pending = PendingEvents(
            Retry(attempts, first=1, factor=2), self.seen, self.settled.append, Filter(["#.graffiti"])
        )

    def take(self, *deliveries: Delivery, now: float = 0) -> None:
        for each in deliveries:
            self.pending.take(each, now)

    def next(self, now: float = 0) -> PendingEvent:
        pending = self.pending.next(now)
        assert pending is not None
        return pending

    def handed_out(self, now: float = 0) -> list[str]:
        ids = []
        while (pending := self.pending.next(now)) is not None and pending.event is not None:
            ids.append(pending.event.id)
            self.pending.done(pending)
        return ids


def test_it_is_settled_after_handling_and_not_before() -> None:
    table, came = Table(), delivery()
    table.take(came)
    pending = table.next()
    assert table.settled == []
    table.pending.done(pending)
    assert table.settled == [came]


def test_copies_are_handed_out_once_and_settled_all() -> None:
    table = Table()
    first, second, late = delivery("e1"), delivery("e1"), delivery("e1")
    table.take(first, second)
    assert table.handed_out() == ["e1"]
    table.take(late)
    assert table.handed_out() == []
    assert table.settled == [first, second, late]


def test_what_was_not_asked_for_is_settled_unseen() -> None:
    table, other = Table(), delivery(key="concern.routed.v1.B2.noise")
    table.take(other)
    assert table.handed_out() == []
    assert table.settled == [other]


def test_a_failed_event_comes_again_later_and_only_its_concern_waits() -> None:
    table = Table()
    table.take(delivery("e1", "c1"), delivery("e2", "c1"), delivery("e3", "c2"))
    table.pending.failed(table.next(), RuntimeError(), now=0)
    assert table.handed_out(now=0) == ["e3"]
    assert table.pending.due() == 1
    assert table.handed_out(now=1) == ["e1", "e2"]


def test_after_the_last_attempt_it_is_a_dead_letter_settled_once_it_is_buried() -> None:
    table, came = Table(attempts=3), delivery("e1", "c1")
    table.take(came, delivery("e2", "c1"))
    for now in (0, 1, 3):
        table.pending.failed(table.next(now), RuntimeError("with a name in it"), now)
    dead = table.next(3)
    assert dead.dead_letter is not None
    assert (dead.dead_letter.reason, dead.dead_letter.attempts) == ("failed with RuntimeError", 3)
    assert dead.dead_letter.body == came.body
    table.pending.dead_letter_failed(dead, 3)
    assert table.pending.next(3) is None
    assert table.settled == []
    again = table.next(4)
    assert again is dead
    table.pending.done(again)
    assert table.settled == [came]
    assert table.handed_out(4) == ["e2"]


def test_a_handler_that_says_never_is_believed_at_once() -> None:
    table = Table()
    table.take(delivery())
    table.pending.failed(table.next(), BadMessage("area is not one of ours"), 0)
    letter = table.next().dead_letter
    assert letter is not None
    assert letter.reason == "area is not one of ours"


def test_what_cannot_be_read_is_a_dead_letter() -> None:
    table = Table()
    bad = Delivery(b"{}", "concern.routed.v1.B2.graffiti", {"h": 1}, 1, 0)
    table.take(bad)
    pending = table.next()
    assert pending.dead_letter is not None
    assert (pending.dead_letter.event, pending.dead_letter.body, pending.dead_letter.headers) == (None, b"{}", {"h": 1})


def test_after_a_reconnect_all_but_what_is_in_hand_comes_anew() -> None:
    table = Table()
    table.take(delivery("e1", "c1"), delivery("e2", "c2"), delivery("e3", "c3"))
    table.pending.failed(table.next(), RuntimeError(), now=0)
    in_hand = table.next()
    table.pending.forget()
    again = [delivery(f"e{n}", f"c{n}") for n in (1, 2, 3)]
    table.take(*again, now=0.5)
    table.pending.done(in_hand)
    assert table.settled == [again[1]]
    assert table.handed_out(0.5) == ["e3"]
    assert table.next(1).attempts == 1, "its failure is remembered"


def test_the_window_is_bounded() -> None:
    window = SeenWindow(2)
    for each in ("a", "b", "c"):
        window.add(each)
    assert ("a" in window, "b" in window, "c" in window, len(window)) == (False, True, True, 2)


def test_runs_are_acknowledged_together_and_stragglers_alone() -> None:
    acks = Acknowledgements()
    for tag in range(1, 7):
        acks.delivered(tag)
    assert acks.settled({1, 2}) == (2, [])
    assert acks.settled({4, 5}) == (None, [4, 5])
    assert acks.first_open() == 3
    assert acks.settled({3}) == (3, [])
    assert acks.settled({6}) == (6, [])
    assert acks.first_open() is None


def test_delays_grow_to_a_limit_and_stay_within_what_the_broker_waits() -> None:
    retry = Retry(attempts=5, first=1, factor=3, longest=20)
    assert [retry.delay(each) for each in (1, 2, 3, 4)] == [1, 3, 9, 20]
    with pytest.raises(ValueError, match="together"):
        Retry(attempts=20, longest=600)
    backoff = Backoff(first=1, longest=3, chance=lambda: 1.0)
    assert [backoff.seconds() for _ in range(3)] == [1, 2, 3]
    backoff.reset()
    assert backoff.seconds() == 1


def test_a_copy_sent_by_city_it_is_said_to_be_of_the_past() -> None:
    assert delivery("e1")._replace(exchange="concord.again.parks").past
    assert not delivery("e1")._replace(exchange="concord.events").past
