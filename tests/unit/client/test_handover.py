"""From replay to live: nothing missing, nothing double, whichever comes first; time is a number."""

import json
from datetime import UTC, datetime

import pytest
from client_samples import delivery, envelope

from concord_client import Replay, Retry, SeenWindow
from concord_client.bindings import Filter
from concord_client.delivery import Delivery
from concord_client.pending_events import PendingEvents
from concord_client.replay import Handover

BEFORE = datetime(2026, 3, 1, tzinfo=UTC)
AFTER = datetime(2026, 3, 3, tzinfo=UTC)


class Table:
    """A handover and what it let through."""

    def __init__(self, since: datetime = BEFORE) -> None:
        self.settled: list[Delivery] = []
        self.pending = PendingEvents(Retry(), SeenWindow(), self.settled.append, Filter([]))
        self.replay = Replay(since, quiet=2, patience=15, overlap=10)
        self.handover = Handover(self.replay, self.pending, 100, now=0)
        self.handled: list[str] = []

    def past(self, *numbers: int, now: float = 0) -> None:
        for each in numbers:
            self.handover.take(delivery(f"e{each}", offset=each), now)

    def live(self, *numbers: int, now: float = 0) -> None:
        for each in numbers:
            self.handover.take(delivery(f"e{each}"), now)

    def work(self, now: float = 0) -> list[str]:
        """Handle what is due; all that was handled so far."""
        while (pending := self.pending.next(now)) is not None:
            assert pending.event is not None
            self.handled.append(pending.event.id)
            self.pending.done(pending)
        return self.handled


def test_live_waits_for_the_stream_and_copies_are_dropped() -> None:
    table = Table()
    table.handover.tail(3, 0)
    table.live(3, 4)
    table.past(1, 2)
    assert table.work() == ["e1", "e2"]
    table.past(3, 4)
    table.live(5)
    assert table.work() == ["e1", "e2", "e3", "e4", "e5"]
    assert len(table.settled) == 7
    assert not table.handover.over(9, idle=True)
    assert table.handover.over(10, idle=False)


def test_an_early_event_that_was_sent_twice_does_not_end_the_replay() -> None:
    table = Table()
    table.handover.tail(4, 0)
    table.past(1)
    table.live(1, 5)
    assert table.work() == ["e1", "e5"], "the order is given up, not an event"
    assert not table.handover.over(9, idle=False)
    table.past(2, 3, now=9)
    assert not table.handover.over(12, idle=False)
    table.past(4, 5, now=13)
    assert table.work() == ["e1", "e5", "e2", "e3", "e4"]
    assert table.handover.over(23, idle=False)


def test_a_stream_read_to_its_quiet_end_lets_live_through() -> None:
    table = Table()
    table.past(1, 2)
    table.handover.tail(2, 0)
    table.work()
    assert not table.handover.over(1.9, idle=True)
    assert table.handover.due() == 2
    assert not table.handover.over(2, idle=True)
    table.live(3, now=3)
    assert table.work(3) == ["e1", "e2", "e3"]
    table.past(3, now=4)
    assert table.work(4) == ["e1", "e2", "e3"]
    assert table.handover.over(14, idle=True)


def test_an_empty_stream_is_waited_for_with_patience() -> None:
    table = Table()
    table.live(1)
    assert table.work(14) == []
    assert not table.handover.over(15, idle=True)
    assert table.work(15) == ["e1"]
    assert table.handover.over(25, idle=True)


def test_a_busy_service_is_not_taken_for_a_quiet_stream() -> None:
    table = Table()
    table.past(1)
    table.handover.tail(1, 0)
    assert not table.handover.over(100, idle=False)
    table.live(2, now=100)
    assert table.work(100) == ["e1"]


def test_what_is_older_than_asked_for_is_settled_and_its_live_copy_handled() -> None:
    table = Table(since=AFTER)
    table.handover.tail(1, 0)
    table.past(1)
    assert table.work() == []
    assert len(table.settled) == 1
    table.live(1)
    assert table.work() == ["e1"]


def test_after_a_reconnect_what_was_held_comes_again() -> None:
    table = Table()
    table.handover.tail(9, 0)
    table.live(3)
    table.handover.forget(1)
    table.pending.forget()
    table.live(3, now=1)
    table.past(1, 2, 3, now=1)
    assert table.work(1) == ["e1", "e2", "e3"]


def test_a_moment_without_an_offset_is_refused() -> None:
    with pytest.raises(ValueError, match="UTC"):
        Replay(datetime(2026, 3, 1))  # noqa: DTZ001


def test_the_stream_beside_a_queue_is_its_own_log_unless_one_is_named() -> None:
    assert Replay(BEFORE).beside("sub.parks.events").stream == "sub.parks.replay"
    assert Replay(BEFORE, stream="other").beside("sub.parks.events").stream == "other"


def test_an_imported_fact_counts_from_when_it_was_told() -> None:
    table = Table(since=AFTER)
    body = json.dumps(envelope("e1", recordedtime="2026-03-04T12:00:00Z")).encode()
    table.handover.take(delivery("e1", offset=1)._replace(body=body), 0)
    assert table.work() == ["e1"]
