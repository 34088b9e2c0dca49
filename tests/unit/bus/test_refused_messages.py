"""A refused message does not multiply and does not hold the others, on a broker on strings with a clock set by hand."""

import itertools
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from prometheus_client import CollectorRegistry

from concord_bus.domain.held_destinations import LONGEST_PAUSE
from concord_bus.domain.held_messages import NAMED_ROWS, HeldMessages, notice_changes
from concord_bus.domain.held_rows import LONGEST_ROW_WAIT, ROW_WAITS, Cause, row_wait
from concord_bus.domain.refusals import Destination, Refusal
from concord_bus.domain.stored_messages import Outgoing
from concord_bus.metrics import Instruments
from concord_bus.relay import PublishOutcome, PublishReport, Relay

TEN_MINUTES = 600.0
STEP = 1.0
EVENTS, FULL, OTHER = "concord.events", "concern.received.v1", "concern.routed.v1"
TOO_LARGE = "PRECONDITION_FAILED - message size {} is larger than configured max size 1000"
NO_RIGHT = "ACCESS_REFUSED - access to exchange '{}' in vhost '/' refused for user 'intake'"
Answer = PublishOutcome | Refusal


def confirm(row: Outgoing) -> Answer:
    return PublishOutcome.CONFIRMED


@dataclass
class Scene:
    """An outbox, a relay, and a broker that gives each row its `answer`; it counts what was routed, as a log does."""

    answer: Callable[[Outgoing], Answer] = confirm
    words_tell: bool = True
    now: float = 0.0
    outbox: dict[int, Outgoing] = field(default_factory=dict)
    log: Counter[int] = field(default_factory=Counter)
    attempts: Counter[int] = field(default_factory=Counter)
    closed: int = 0
    alone: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.registry = CollectorRegistry()
        self.held = HeldMessages(lambda: self.now)
        self._pending: list[PublishReport] = []
        self._numbers = itertools.count(1)
        self.relay = Relay(self, self, Instruments(self.registry), held=self.held)

    def add(self, count: int = 1, kind: str = FULL, exchange: str = EVENTS, size: int = 10) -> list[int]:
        seqs = [next(self._numbers) for _ in range(count)]
        for seq in seqs:
            key = f"{kind}.A1.noise"
            private = exchange != EVENTS
            self.outbox[seq] = Outgoing(seq, f"e{seq}", "c1", exchange, key, b"x" * size, private, 0.0)
        return seqs

    def read(self, above: int, limit: int, without: Sequence[Destination] = ()) -> list[Outgoing]:
        return [r for s, r in self.outbox.items() if s > above and not any(w.covers(r) for w in without)][:limit]

    def read_held(self, which: Destination, above: int, limit: int) -> list[Outgoing]:
        return [row for seq, row in self.outbox.items() if seq > above and which.covers(row)][:limit]

    def remove(self, seqs: Sequence[int]) -> None:
        for seq in seqs:
            del self.outbox[seq]

    def send_alone(self, row: Outgoing) -> None:
        self.alone.append(row.seq)
        self.send([row])

    def send(self, rows: Sequence[Outgoing]) -> None:
        """Answer in order. A refusal closes the channel: what follows is dropped, and confirms before are late."""
        for number, row in enumerate(rows):
            self.attempts[row.seq] += 1
            answer = self.answer(row)
            if isinstance(answer, Refusal):
                self.closed += 1
                self._close(rows, number, answer)
                return
            self.log[row.seq] += 1
            self._pending.append(PublishReport(row.seq, answer))

    def _close(self, rows: Sequence[Outgoing], number: int, refusal: Refusal) -> None:
        del self._pending[len(self._pending) - number :]
        known = self.words_tell or len(rows) == 1
        for place, row in enumerate(rows):
            if not known:
                self._pending.append(PublishReport(row.seq, PublishOutcome.SUSPECTED))
            elif place == number:
                self._pending.append(PublishReport(row.seq, PublishOutcome.REFUSED, refusal))
            else:
                self._pending.append(PublishReport(row.seq, PublishOutcome.UNSENT))

    def reports(self, seconds: float) -> list[PublishReport]:
        taken, self._pending = self._pending, []
        return taken

    def step(self) -> None:
        self.relay.rescan(from_start=True)
        self.relay.fill()
        self.relay.process_confirms(0)

    def run(self, seconds: float) -> None:
        until = self.now + seconds
        while self.now < until:
            self.step()
            self.now += STEP

    def metric(self, name: str, **labels: str) -> float:
        return self.registry.get_sample_value(f"concord_bus_{name}", labels) or 0.0


def full(row: Outgoing) -> Answer:
    return PublishOutcome.NACKED if row.kind == FULL else PublishOutcome.CONFIRMED


def test_the_waits_of_a_row_leave_three_copies_in_ten_minutes() -> None:
    assert len(ROW_WAITS) == 3
    assert sum(ROW_WAITS) > TEN_MINUTES
    assert [row_wait(Cause.NACKED, times) for times in range(5)] == [*ROW_WAITS, ROW_WAITS[-1], ROW_WAITS[-1]]


@pytest.mark.parametrize("count", [1, 2, 18, 400])
def test_with_a_queue_full_for_ten_minutes_the_log_holds_each_event_three_times_at_most(count: int) -> None:
    scene = Scene(full)
    refused, others = scene.add(count), scene.add(20, OTHER)
    scene.run(TEN_MINUTES / 2)
    late, more = scene.add(5), scene.add(5, OTHER)
    scene.run(TEN_MINUTES / 2)
    assert max(scene.log.values()) <= 3
    assert all(scene.log[seq] == 1 for seq in [*others, *more]), "what the broker takes passes, once"
    assert set(scene.outbox) == {*refused, *late}
    again = sum(scene.log[seq] - 1 for seq in refused)
    assert again <= TEN_MINUTES / LONGEST_PAUSE + 5, "one at a time is tried, not each"
    assert scene.metric("held_destinations", cause="nacked") == 1


@pytest.mark.parametrize("count", [1, 18, 400])
def test_when_the_queue_has_room_again_all_leave(count: int) -> None:
    scene = Scene(full)
    scene.add(count)
    scene.run(90)
    scene.answer = confirm
    scene.run(LONGEST_PAUSE + 5 if count > 3 else ROW_WAITS[-1])
    left = len(scene.outbox)
    assert left <= 5, "only rows that were tried twice rest longer"
    scene.run(ROW_WAITS[-1])
    assert scene.outbox == {}
    assert scene.metric("held_destinations", cause="nacked") == 0
    assert max(scene.log.values()) <= 4


def test_a_queue_that_takes_some_now_and_then_gets_no_event_more_than_three_times_in_ten_minutes() -> None:
    room = [0]

    def slowly(row: Outgoing) -> Answer:
        if row.kind != FULL or room[0] > 0:
            room[0] -= row.kind == FULL
            return PublishOutcome.CONFIRMED
        return PublishOutcome.NACKED

    scene = Scene(slowly)
    scene.add(500)
    while scene.now < TEN_MINUTES:
        room[0] = min(20, room[0] + 1)
        scene.run(STEP)
    assert max(scene.log.values()) <= 3
    assert len(scene.outbox) < 500 - 100, "what has room passes"


def test_a_lost_connection_does_not_forget_what_was_refused() -> None:
    scene = Scene(full)
    (seq,) = scene.add()
    for _ in range(int(TEN_MINUTES / 10)):
        scene.run(10)
        scene.relay = Relay(scene, scene, held=scene.held)
    assert scene.log[seq] <= 3


def too_large(row: Outgoing) -> Answer:
    size = len(row.body)
    return Refusal(406, TOO_LARGE.format(size)) if size > 1000 else PublishOutcome.CONFIRMED


@pytest.mark.parametrize("words_tell", [True, False])
def test_a_message_that_is_too_large_holds_no_other_and_is_tried_again_alone(words_tell: bool) -> None:
    scene = Scene(too_large, words_tell)
    before, (bad,), after = scene.add(50), scene.add(size=2000), scene.add(50)
    scene.run(60)
    assert set(scene.outbox) == {bad}
    assert max(scene.log[seq] for seq in [*before, *after]) <= 3
    assert scene.closed == scene.attempts[bad] <= 7, "2, 4, 8, … seconds between attempts"
    assert scene.metric("refused_messages") == 1
    assert scene.metric("refused_total", code="406") == scene.attempts[bad] - (not words_tell), "the first was unclear"
    more = scene.add(30)
    scene.run(TEN_MINUTES)
    assert set(scene.outbox) == {bad}
    assert all(scene.log[seq] == 1 for seq in more), "its attempts go over a channel of their own"
    scene.answer = confirm
    scene.run(LONGEST_ROW_WAIT + STEP)
    assert scene.outbox == {}
    assert scene.metric("refused_messages") == 0


@pytest.mark.parametrize("words_tell", [True, False])
def test_several_that_are_too_large_hold_no_other(words_tell: bool) -> None:
    scene = Scene(too_large, words_tell)
    bad = [
        seq for _ in range(6) for seq in (*scene.add(size=2000), *scene.add(20)) if len(scene.outbox[seq].body) > 1000
    ]
    scene.run(30 if words_tell else 200)
    assert sorted(scene.outbox) == bad
    notices = scene.held.notices()
    assert len(notices) == NAMED_ROWS + 1
    assert notices[-1] == "refuses 1 more rows of the outbox"


def test_an_exchange_without_permission_waits_as_a_whole_and_the_other_passes() -> None:
    def narrowed(row: Outgoing) -> Answer:
        refused = row.exchange == "concord.private"
        return Refusal(403, NO_RIGHT.format(row.exchange)) if refused else PublishOutcome.CONFIRMED

    scene = Scene(narrowed)
    private = [
        *scene.add(40, "concern.submitted.v1", "concord.private"),
        *scene.add(40, "contact.given.v1", "concord.private"),
    ]
    public = scene.add(100)
    scene.run(120)
    assert sorted(scene.outbox) == private
    assert all(scene.log[seq] == 1 for seq in public)
    assert scene.closed <= 8, "the pauses grow"
    assert scene.metric("held_destinations", cause="refused") == 1
    (notice,) = scene.held.notices()
    assert notice == (
        "refuses everything on concord.private: ACCESS_REFUSED - access to exchange 'concord.private' in vhost '/' "
        "refused for user 'intake': run `concord topology apply`, which gives the service its permissions"
    )
    scene.answer = confirm
    scene.run(LONGEST_PAUSE + 1)
    assert scene.outbox == {}
    assert scene.held.notices() == []
    assert scene.metric("held_destinations", cause="refused") == 0


def test_the_refused_row_is_named_with_the_broker_s_words_and_what_to_do() -> None:
    scene = Scene(too_large)
    (bad,) = scene.add(size=2000)
    scene.run(1)
    (notice,) = scene.held.notices()
    assert notice == (
        f"refuses row {bad} of the outbox (concern.received.v1, 2,000 bytes): {TOO_LARGE.format(2000)}: "
        "raise the broker's max_message_size, or ask the developers why the message is so large"
    )


def test_a_full_queue_is_named_as_its_type() -> None:
    scene = Scene(full)
    scene.add(3)
    scene.run(1)
    (notice,) = scene.held.notices()
    assert notice.startswith("refuses concern.received.v1 on concord.events: a queue bound for it is full")


def test_another_process_begins_with_nothing_held() -> None:
    scene = Scene(full)
    scene.add(3)
    scene.run(1)
    assert scene.held
    scene.held.clear()
    assert not scene.held
    assert scene.held.notices() == []


def test_a_refusal_has_a_beginning_and_an_end() -> None:
    first, other, more = (
        "refuses row 1 of the outbox",
        "refuses row 2 of the outbox",
        "refuses 3 more rows of the outbox",
    )
    assert notice_changes([], [first, more]) == ([first, more], [])
    assert notice_changes([first, more], [other, first]) == ([other], [])
    assert notice_changes([first, other], [other]) == ([], [first])
    assert notice_changes([first], [first]) == ([], [])
