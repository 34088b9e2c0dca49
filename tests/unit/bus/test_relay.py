"""The relay against a broker on strings: a window of confirms, rows deleted only when confirmed, none skipped."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule
from prometheus_client import CollectorRegistry
from tests.memory.bus import MemoryDatabase

from concord_bus.domain.held_messages import HeldMessages
from concord_bus.domain.held_rows import RETURN_SECONDS, ROW_WAITS
from concord_bus.domain.refusals import Destination, Refusal
from concord_bus.domain.stored_messages import Outgoing
from concord_bus.metrics import Instruments
from concord_bus.relay import LogMissing, PublishOutcome, PublishReport, Relay
from concord_contracts import messages as m
from concord_contracts import new_event

from .stage import AT, CODEC, unroutable


class Lost(OSError):
    """The connection to the broker is gone."""


@dataclass
class Broker:
    """Takes what is sent and says of it what the test wants."""

    sent: list[Outgoing] = field(default_factory=list)
    alone: list[Outgoing] = field(default_factory=list)
    pending: list[PublishReport] = field(default_factory=list)
    lost: bool = False

    def send(self, rows: Sequence[Outgoing]) -> None:
        if self.lost:
            raise Lost
        self.sent.extend(rows)

    def send_alone(self, row: Outgoing) -> None:
        self.send([row])
        self.alone.append(row)

    def reports(self, seconds: float) -> list[PublishReport]:
        if self.lost:
            raise Lost
        taken, self.pending = self.pending, []
        return taken

    def say(self, outcome: PublishOutcome, *rows: Outgoing, refusal: Refusal | None = None) -> None:
        self.pending.extend(PublishReport(row.seq, outcome, refusal) for row in rows)

    @property
    def sequence(self) -> list[int]:
        return [row.seq for row in self.sent]


class Outbox:
    """The outbox of a memory spine, with a clock set by hand."""

    def __init__(self) -> None:
        self.now: datetime = AT
        self.database = MemoryDatabase(clock=lambda: self.now)

    def add(self, count: int, private: bool = False) -> list[int]:
        before = set(self.database.tables.outbox)
        events = [contact() if private else unroutable() for _ in range(count)]
        with self.database.begin() as (tx, _):
            tx.enqueue([(event, CODEC.encode(event)) for event in events])
        return sorted(set(self.database.tables.outbox) - before)

    def read(self, above: int, limit: int, without: Sequence[Destination] = ()) -> list[Outgoing]:
        with self.database.begin() as (tx, _):
            return tx.outgoing(above, limit, without)

    def read_held(self, which: Destination, above: int, limit: int) -> list[Outgoing]:
        with self.database.begin() as (tx, _):
            return tx.outgoing_to(which, above, limit)

    def remove(self, seqs: Sequence[int]) -> None:
        with self.database.begin() as (tx, _):
            tx.remove_confirmed(seqs)

    @property
    def left(self) -> list[int]:
        return sorted(self.database.tables.outbox)

    def pass_time(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


def contact() -> Any:
    data = m.ContactGiven(
        concern_id="c1", name=None, email="reporter@example.org", phone=None, language="en", given_at=AT
    )
    return new_event(data, sequence=1, time=AT)


@dataclass
class Line:
    """An outbox, a relay and a broker."""

    window: int = 8
    outbox: Outbox = field(default_factory=Outbox)
    broker: Broker = field(default_factory=Broker)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)

    def __post_init__(self) -> None:
        self.instruments = Instruments(self.registry)
        self.held = HeldMessages(lambda: self.outbox.now.timestamp())
        self.connect()

    def connect(self) -> None:
        """A new connection, as after a loss."""
        self.broker.lost = False
        self.broker.pending.clear()
        self.relay = Relay(self.outbox, self.broker, self.instruments, self.window, self.held)

    def look(self) -> int:
        self.relay.rescan(from_start=True)
        return self.relay.fill()

    def metric(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(f"concord_bus_{name}", labels) or 0.0


@pytest.fixture
def line() -> Line:
    return Line()


def test_a_held_row_waits_for_room_in_the_window() -> None:
    line = Line(window=4)
    first, *_ = line.outbox.add(3)
    line.look()
    line.outbox.add(2, private=True)
    line.broker.say(PublishOutcome.NACKED, line.broker.sent[0])
    line.relay.process_confirms(0)
    line.look()
    line.outbox.pass_time(5)
    assert line.look() == 0, "two of each kind are in flight"
    line.broker.say(PublishOutcome.CONFIRMED, line.broker.sent[1])
    line.relay.process_confirms(0)
    line.look()
    assert line.broker.sequence[-1] == first


def test_rows_leave_the_outbox_only_when_confirmed(line: Line) -> None:
    seqs = line.outbox.add(3)
    assert line.relay.fill() == 3
    assert line.broker.sequence == seqs
    assert line.outbox.left == seqs
    line.broker.say(PublishOutcome.CONFIRMED, line.broker.sent[0], line.broker.sent[2])
    assert line.relay.process_confirms(0) == 2
    assert line.outbox.left == [seqs[1]]
    assert not line.relay.idle
    line.broker.say(PublishOutcome.CONFIRMED, line.broker.sent[1])
    line.relay.process_confirms(0)
    assert line.relay.idle
    assert line.outbox.left == []
    assert line.metric("published_total", type="concern.unroutable.v1") == 3
    assert line.metric("confirmed_total", type="concern.unroutable.v1") == 3


def test_no_more_than_the_window_is_in_flight(line: Line) -> None:
    seqs = line.outbox.add(20)
    assert line.relay.fill() == 8
    assert line.relay.fill() == 0
    line.broker.say(PublishOutcome.CONFIRMED, *line.broker.sent[:5])
    line.relay.process_confirms(0)
    assert line.relay.fill() == 5
    assert line.broker.sequence == seqs[:13]


def test_rows_are_sent_in_order_and_once(line: Line) -> None:
    seqs = line.outbox.add(30)
    while line.outbox.left:
        sent = line.relay.fill()
        line.broker.say(PublishOutcome.CONFIRMED, *line.broker.sent[len(line.broker.sent) - sent :])
        line.relay.process_confirms(0)
    assert line.broker.sequence == seqs


def test_new_rows_are_found_when_told_to_look_again(line: Line) -> None:
    first = line.outbox.add(2)
    line.relay.fill()
    second = line.outbox.add(2)
    assert line.relay.fill() == 0, "the outbox was seen to be empty: nobody asks it again for nothing"
    line.relay.rescan()
    assert line.relay.fill() == 2
    assert line.broker.sequence == [*first, *second]


def test_looking_from_the_start_does_not_send_again_what_is_in_flight(line: Line) -> None:
    line.outbox.add(4)
    line.relay.fill()
    assert line.look() == 0
    assert len(line.broker.sent) == 4


def test_a_row_that_committed_late_is_not_skipped(line: Line) -> None:
    """A transaction took number 1 and committed after the one that took number 2."""
    late, early = line.outbox.add(2)
    kept = line.outbox.database.tables.outbox.pop(late)
    line.relay.fill()
    line.outbox.database.tables.outbox = {late: kept, **line.outbox.database.tables.outbox}
    line.relay.rescan()
    assert line.relay.fill() == 0
    assert line.look() == 1
    assert line.broker.sequence == [early, late]


def test_a_refused_message_rests_and_is_sent_again(line: Line) -> None:
    refused, fine = line.outbox.add(2)
    line.relay.fill()
    line.broker.say(PublishOutcome.NACKED, line.broker.sent[0])
    line.broker.say(PublishOutcome.CONFIRMED, line.broker.sent[1])
    assert line.relay.process_confirms(0) == 1
    assert line.look() == 0
    line.outbox.pass_time(ROW_WAITS[0])
    assert line.look() == 1
    assert line.broker.sequence == [refused, fine, refused]
    assert line.metric("nacked_total") == 1
    line.broker.say(PublishOutcome.CONFIRMED, line.broker.sent[2])
    assert line.relay.process_confirms(0) == 1
    assert line.outbox.left == []


def test_a_public_event_that_no_queue_takes_is_kept_because_the_log_is_away(line: Line) -> None:
    returned, taken = line.outbox.add(2)
    line.relay.fill()
    line.broker.say(PublishOutcome.RETURNED, line.broker.sent[0])
    line.broker.say(PublishOutcome.CONFIRMED, line.broker.sent[1])
    with pytest.raises(LogMissing):
        line.relay.process_confirms(0)
    assert line.outbox.left == [returned]
    assert line.metric("returned_total", exchange="concord.events") == 1
    assert line.metric("unroutable_private") == 0
    line.connect()
    assert line.relay.fill() == 1
    assert line.broker.sequence == [returned, taken, returned]


def test_a_private_message_without_a_queue_is_kept_tried_again_and_raises_the_alert(line: Line) -> None:
    line.outbox.add(1, private=True)
    line.relay.fill()
    for _ in range(3):
        line.broker.say(PublishOutcome.RETURNED, line.broker.sent[-1])
        assert line.relay.process_confirms(0) == 0
        assert line.metric("unroutable_private") == 1
        line.outbox.pass_time(RETURN_SECONDS - 0.1)
        assert line.look() == 0
        line.outbox.pass_time(0.1)
        assert line.look() == 1
    line.broker.say(PublishOutcome.CONFIRMED, line.broker.sent[-1])
    assert line.relay.process_confirms(0) == 1
    assert line.metric("unroutable_private") == 0
    assert line.metric("returned_total", exchange="concord.private") == 3
    assert len(set(line.broker.sequence)) == 1


def test_others_pass_by_a_message_that_rests(line: Line) -> None:
    line.outbox.add(1, private=True)
    line.relay.fill()
    line.broker.say(PublishOutcome.RETURNED, line.broker.sent[0])
    line.relay.process_confirms(0)
    others = line.outbox.add(2)
    assert line.look() == 2
    assert line.broker.sequence[1:] == others


def test_what_was_in_flight_on_a_lost_connection_is_sent_again(line: Line) -> None:
    seqs = line.outbox.add(4)
    line.relay.fill()
    line.broker.say(PublishOutcome.CONFIRMED, line.broker.sent[0])
    line.relay.process_confirms(0)
    line.broker.lost = True
    with pytest.raises(Lost):
        line.relay.process_confirms(0)
    line.connect()
    assert line.relay.fill() == 3
    assert line.broker.sequence == [*seqs, *seqs[1:]]


def test_a_connection_lost_while_sending_loses_no_row(line: Line) -> None:
    seqs = line.outbox.add(2)
    line.broker.lost = True
    with pytest.raises(Lost):
        line.relay.fill()
    line.connect()
    assert line.relay.fill() == 2
    assert line.broker.sequence == seqs
    assert line.outbox.left == seqs


def test_a_report_about_an_unknown_row_is_passed_over(line: Line) -> None:
    line.broker.pending.append(PublishReport(999, PublishOutcome.CONFIRMED))
    assert line.relay.process_confirms(0) == 0


def test_an_empty_outbox_asks_nothing_of_the_broker(line: Line) -> None:
    assert line.relay.fill() == 0
    assert line.relay.idle
    assert line.broker.sent == []


REFUSALS = [
    Refusal(403, "ACCESS_REFUSED - access to exchange 'concord.events' in vhost '/' refused for user 'intake'"),
    Refusal(403, "ACCESS_REFUSED - access to topic 'concern.received.v1._.x' in exchange 'concord.events'"),
    Refusal(404, "NOT_FOUND - no exchange 'concord.private' in vhost '/'"),
    Refusal(406, "PRECONDITION_FAILED - message size 9 is larger than configured max size 8"),
]


@settings(max_examples=40)
@given(window=st.integers(1, 9), count=st.integers(0, 12), chance=st.randoms())
def test_whatever_the_broker_says_every_row_arrives(window: int, count: int, chance: Any) -> None:
    line = Line(window=window)
    seqs = line.outbox.add(count)
    answered = 0
    for _ in range(2000):
        if not line.outbox.left:
            break
        line.look()
        fresh = line.broker.sent[answered:]
        answered = len(line.broker.sent)
        for row in fresh:
            line.broker.say(chance.choice(list(PublishOutcome)), row, refusal=chance.choice(REFUSALS))
        try:
            line.relay.process_confirms(0)
        except LogMissing:
            line.connect()
        line.outbox.pass_time(ROW_WAITS[-1])
    assert line.outbox.left == []
    assert set(line.broker.sequence) == set(seqs)


class RelayMachine(RuleBasedStateMachine):
    """Rows come, answers come in any order, connections are lost: the window holds, no row is lost or skipped."""

    def __init__(self) -> None:
        super().__init__()
        self.line = Line(window=4)
        self.in_flight: list[Outgoing] = []
        self.added: set[int] = set()
        self.confirmed: set[int] = set()

    @rule(count=st.integers(1, 5), private=st.booleans())
    def add(self, count: int, private: bool) -> None:
        self.added |= set(self.line.outbox.add(count, private))

    @rule(from_start=st.booleans())
    def fill(self, from_start: bool) -> None:
        before = len(self.line.broker.sent)
        self.line.relay.rescan(from_start=from_start)
        self.line.relay.fill()
        fresh = self.line.broker.sent[before:]
        assert not {row.seq for row in fresh} & {row.seq for row in self.in_flight}, "sent while in flight"
        assert len({row.seq for row in fresh}) == len(fresh)
        self.in_flight += fresh

    @rule(outcome=st.sampled_from(PublishOutcome), data=st.data())
    def answer(self, outcome: PublishOutcome, data: st.DataObject) -> None:
        if not self.in_flight:
            return
        row = self.in_flight.pop(data.draw(st.integers(0, len(self.in_flight) - 1)))
        self.line.broker.say(outcome, row, refusal=data.draw(st.sampled_from(REFUSALS)))
        try:
            self.line.relay.process_confirms(0)
        except LogMissing:
            self.lose_connection()
        if outcome is PublishOutcome.CONFIRMED:
            self.confirmed.add(row.seq)

    @rule()
    def lose_connection(self) -> None:
        self.line.connect()
        self.in_flight.clear()

    @rule(seconds=st.sampled_from([0.1, RETURN_SECONDS, *ROW_WAITS]))
    def pass_time(self, seconds: float) -> None:
        self.line.outbox.pass_time(seconds)

    @invariant()
    def the_window_holds(self) -> None:
        assert len(self.in_flight) <= self.line.window

    @invariant()
    def exactly_the_unconfirmed_rows_are_left(self) -> None:
        assert set(self.line.outbox.left) == self.added - self.confirmed


TestAnyCourseOfEvents: Callable[..., Any] = RelayMachine.TestCase
TestAnyCourseOfEvents.settings = settings(max_examples=100, stateful_step_count=30, deadline=None)  # type: ignore[attr-defined]
