"""A database that is away, slow, full or flapping parks nothing innocent: only a message's own failure counts."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from concord_bus.domain.errors import DatabaseUnavailable, ResourceUnavailable
from concord_bus.domain.retry import RetryPolicy

from .stage import AT, Stage, delivery, unroutable

TIMES = 20


@pytest.fixture
def stage() -> Stage:
    return Stage()


class Flapping:
    """A database that fails at some of its transactions: before them, at their commit, or after it unseen."""

    def __init__(self, stage: Stage, seed: int, share: float) -> None:
        self.share = share
        self._random = random.Random(seed)
        self._begin = stage.database.begin
        stage.database.begin = self.begin  # type: ignore[method-assign,assignment]

    @contextmanager
    def begin(self) -> Iterator[Any]:
        fault = self._random.choice(("before", "commit", "unseen")) if self._random.random() < self.share else None
        if fault == "before":
            raise DatabaseUnavailable
        with self._begin() as opened:
            yield opened
            if fault == "commit":
                raise DatabaseUnavailable
        if fault == "unseen":
            raise DatabaseUnavailable


def test_small_writes_that_succeed_while_large_ones_fail_park_nothing(stage: Stage) -> None:
    """As on a nearly full disk, or with a lock on a table of the service."""
    event, other = unroutable("c1"), unroutable("c2")
    stage.let(event, ValueError(), *[DatabaseUnavailable()] * TIMES, None)
    stage.take(delivery(event))
    stage.take(delivery(other))
    for _ in range(TIMES):
        with pytest.raises(DatabaseUnavailable):
            stage.pass_time(5)
        assert [message.attempts for message in stage.waiting] == [1]
    stage.pass_time(5)
    assert stage.done == [other.id, event.id]
    assert not stage.parked


def test_the_next_attempt_follows_within_seconds_however_long_it_lasts(stage: Stage) -> None:
    event = unroutable()
    stage.let(event, ValueError(), DatabaseUnavailable())
    stage.take(delivery(event))
    stage.now += timedelta(seconds=1)
    waits = []
    for _ in range(6):
        with pytest.raises(DatabaseUnavailable):
            stage.pass_time(0)
        (waiting,) = stage.waiting
        waits.append(waiting.next_attempt_at - stage.now.timestamp())
        stage.now += timedelta(seconds=waits[-1])
    assert waits == [1, 2, 4, 5, 5, 5]


def test_an_attempt_that_could_not_be_taken_back_is_taken_back_later(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    event = unroutable()
    stage.let(event, ValueError(), DatabaseUnavailable(), None)
    stage.take(delivery(event))
    for _ in range(TIMES):
        with monkeypatch.context() as patch:
            patch.setattr("tests.memory.bus.MemoryTransaction.release", away)
            with pytest.raises(DatabaseUnavailable):
                stage.pass_time(10)
    stage.pass_time(10)
    assert stage.done == [event.id]
    assert not stage.parked


def away(*_: object) -> None:
    raise DatabaseUnavailable


def test_a_claim_of_unknown_outcome_does_not_count(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """The commit succeeded, but its answer did not arrive."""
    event = unroutable()
    stage.let(event, ValueError(), None)
    stage.take(delivery(event))
    begin = stage.database.begin

    @contextmanager
    def unseen_claims() -> Iterator[Any]:
        before = [row.attempts for row in stage.waiting]
        with begin() as opened:
            yield opened
        if [row.attempts for row in stage.waiting] > before:
            raise DatabaseUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(stage.database, "begin", unseen_claims)
        for _ in range(TIMES):
            with pytest.raises(DatabaseUnavailable):
                stage.pass_time(10)
    stage.pass_time(10)
    assert stage.done == [event.id]
    assert not stage.parked


def test_a_message_alone_stays_with_the_consumer(stage: Stage) -> None:
    first, second = unroutable("c1"), unroutable("c2")
    stage.let(first, DatabaseUnavailable(), DatabaseUnavailable(), None)
    with pytest.raises(DatabaseUnavailable):
        stage.take(delivery(first), delivery(second))
    assert not stage.waiting
    stage.take(delivery(first), delivery(second))
    assert sorted(stage.done) == sorted([first.id, second.id])


def test_what_took_effect_by_another_delivery_is_not_parked_after_its_last_attempt(stage: Stage) -> None:
    event = unroutable()
    stage.let(event, ValueError(), None)
    stage.take(delivery(event))
    with stage.database.begin() as (tx, _):
        tx.add_to_inbox([event.id])
    (waiting,) = stage.waiting
    stage.database.tables.waiting[waiting.seq] = waiting.__class__(
        waiting.seq, waiting.partition_key, waiting.delivery, stage.policy.max_attempts, waiting.next_attempt_at
    )
    stage.pass_time(1000)
    assert not stage.parked
    assert not stage.waiting


@settings(max_examples=40)
@given(seed=st.integers(0, 10**6), share=st.floats(0.05, 0.6))
def test_whatever_the_database_does_everything_innocent_takes_effect_once(seed: int, share: float) -> None:
    stage = Stage(RetryPolicy(first_delay=1, factor=2, jitter=0, max_attempts=4))
    events = [unroutable(f"c{number % 3}", number + 1, id=f"e{number}") for number in range(6)]
    for event in events[::2]:
        stage.fail(event, seconds=1)
    flapping = Flapping(stage, seed, share)
    held = [delivery(event) for event in events]
    for turn in range(400):
        flapping.share = share if turn < 200 else 0.0
        stage.now += timedelta(seconds=1)
        held = [] if held and takes(stage, held) else held
        retries(stage)
        if not held and not stage.waiting:
            break
    assert not stage.parked
    assert sorted(stage.done) == sorted(event.id for event in events)
    assert not stage.database.tables.suspects
    assert stage.now > AT


def takes(stage: Stage, held: list[Any]) -> bool:
    try:
        stage.take(*held)
    except ResourceUnavailable:
        return False
    return True


def retries(stage: Stage) -> None:
    try:
        stage.pipeline.retry_due()
    except ResourceUnavailable:
        return
