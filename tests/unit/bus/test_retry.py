"""What failed is tried again with growing delay, holds up its own concern only, and is parked in the end."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord_bus.domain.errors import DatabaseUnavailable, ParkMessage, ResourceUnavailable
from concord_bus.domain.retry import RetryPolicy
from concord_bus.domain.stored_messages import Claim
from concord_contracts import BadMessage

from .stage import AT, CODEC, Killed, Stage, delivery, unroutable


@pytest.fixture
def stage() -> Stage:
    """Retries after 1, 2 and 4 seconds; parked after the fourth attempt."""
    return Stage()


def test_what_failed_for_a_passing_cause_takes_effect_later(stage: Stage) -> None:
    event = unroutable()
    stage.let(event, ValueError(), None)
    stage.take(delivery(event))
    (waiting,) = stage.waiting
    assert (waiting.attempts, waiting.next_attempt_at) == (1, (AT + timedelta(seconds=1)).timestamp())
    assert stage.pass_time(0.9) == 0
    assert stage.pass_time(0.1) == 1
    assert stage.done == [event.id]
    assert stage.published == [f"answer to {event.id}"]
    assert not stage.waiting


def test_delays_grow_and_after_the_last_attempt_it_is_parked(stage: Stage) -> None:
    event = unroutable()
    stage.let(event, ValueError())
    came = delivery(event)
    stage.take(came)
    for delay in (1, 2, 4):
        assert stage.pass_time(delay - 0.1) == 0
        assert stage.pass_time(0.1) == 1
    (parked,) = stage.parked
    assert parked.attempts == 4
    assert parked.reason.startswith("failed 4 times, last: ValueError in act")
    assert parked.delivery == came
    assert parked.event_id == event.id
    assert not stage.waiting
    assert not stage.done


def test_later_messages_of_the_concern_wait_behind_and_others_pass(stage: Stage) -> None:
    first, second, other = unroutable("c1", 1), unroutable("c1", 2), unroutable("c2")
    stage.fail(first, seconds=1)
    stage.take(*map(delivery, (first, second, other)))
    assert stage.done == [other.id]
    assert [message.attempts for message in stage.waiting] == [1, 0]
    stage.take(delivery(unroutable("c1", 3, id="third")))
    assert stage.done == [other.id]
    stage.pass_time(1)
    assert stage.done == [other.id, first.id]
    while stage.waiting:
        assert stage.pass_time(0) > 0
    assert stage.done == [other.id, first.id, second.id, "third"]


def test_when_the_first_is_parked_those_behind_it_go_on(stage: Stage) -> None:
    first, second = unroutable("c1", 1), unroutable("c1", 2)
    stage.let(first, ValueError(), ValueError(), ParkMessage("never"))
    stage.take(delivery(first), delivery(second))
    stage.pass_time(1)
    stage.pass_time(0)
    assert [message.event_id for message in stage.parked] == [first.id]
    assert stage.parked[0].attempts == 2
    assert stage.done == [second.id]


def test_a_duplicate_of_what_waits_does_not_wait_twice(stage: Stage) -> None:
    event = unroutable()
    stage.let(event, ValueError(), None)
    stage.take(delivery(event))
    stage.take(delivery(event), delivery(event, redelivered=True))
    assert len(stage.waiting) == 1
    stage.pass_time(1)
    stage.take(delivery(event, redelivered=True))
    assert stage.done == [event.id]


def test_a_message_done_long_ago_that_comes_again_while_its_concern_waits(stage: Stage) -> None:
    done, failing = unroutable("c1", 1), unroutable("c1", 2)
    stage.take(delivery(done))
    stage.let(failing, ValueError(), None)
    stage.take(delivery(failing))
    stage.take(delivery(done, redelivered=True))
    for _ in range(3):
        stage.pass_time(1)
    assert stage.done == [done.id, failing.id]
    assert not stage.waiting


def test_what_cannot_be_read_any_more_is_parked_on_its_retry(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key may have been dropped while the message waited."""
    event = unroutable()
    stage.let(event, ValueError())
    stage.take(delivery(event))

    def decode(_body: bytes) -> None:
        raise BadMessage("data cannot be decrypted with any key given to this service")

    monkeypatch.setattr(CODEC, "decode", decode)
    stage.pass_time(1)
    (parked,) = stage.parked
    assert parked.reason == "data cannot be decrypted with any key given to this service"
    assert parked.delivery == delivery(event)
    assert not stage.waiting


def test_an_attempt_that_could_not_be_made_does_not_count(stage: Stage) -> None:
    event = unroutable()
    stage.let(event, ValueError(), *[ResourceUnavailable("mail server")] * 10, None)
    stage.take(delivery(event))
    for _ in range(10):
        with pytest.raises(ResourceUnavailable):
            stage.pass_time(5)
        assert [message.attempts for message in stage.waiting] == [1]
    stage.pass_time(5)
    assert stage.done == [event.id]
    assert not stage.parked


def test_a_database_away_during_a_retry_loses_nothing(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    event = unroutable()
    stage.let(event, ValueError(), None)
    stage.take(delivery(event))

    def away() -> None:
        raise DatabaseUnavailable

    with monkeypatch.context() as patch:
        patch.setattr(stage.database, "begin", away)
        with pytest.raises(DatabaseUnavailable):
            stage.pass_time(1)
    assert stage.pass_time(0) == 1
    assert stage.done == [event.id]


def test_at_most_the_limit_is_tried_at_once(stage: Stage) -> None:
    events = [unroutable(f"c{n}") for n in range(5)]
    for event in events:
        stage.fail(event, seconds=1)
    stage.take(*map(delivery, events))
    stage.now += timedelta(seconds=1)
    assert [stage.pipeline.retry_due(limit=2) for _ in range(4)] == [2, 2, 1, 0]
    assert stage.done == [event.id for event in events]


def test_another_process_that_was_quicker_is_noticed(stage: Stage) -> None:
    """Between looking and claiming, the other one counted its attempt: the row is not due any more."""
    event = unroutable()
    stage.let(event, ValueError(), None)
    stage.take(delivery(event))
    (waiting,) = stage.waiting
    later = (AT + timedelta(seconds=1)).timestamp()
    claim = Claim(waiting.seq, waiting.attempts, later + 2)
    with stage.database.begin() as (tx, _):
        assert tx.claim(claim, later)
        assert not tx.claim(claim, later)
    assert stage.pass_time(1) == 0
    assert stage.pass_time(2) == 1


def test_a_message_that_ends_the_process_is_parked_after_three_crashes(stage: Stage) -> None:
    killer, innocent = unroutable("c1"), unroutable("c2")
    stage.let(killer, Killed())
    deaths = 0
    came = [delivery(killer), delivery(innocent)]
    for _ in range(10):
        try:
            stage.take(*came)
        except Killed:
            deaths += 1
            stage.restart()
            came = [delivery(killer, redelivered=True), delivery(innocent, redelivered=True)]
        else:
            break
    assert [message.event_id for message in stage.parked] == [None]
    assert "the process ended 3 times" in stage.parked[0].reason
    assert stage.parked[0].delivery.body == delivery(killer).body
    assert stage.done == [innocent.id]
    assert deaths == 5  # the first two are among others: one before it came back, one in a small group
    assert not stage.database.tables.suspects


def test_a_message_that_was_innocent_is_not_held_against(stage: Stage) -> None:
    """It was in flight when something else ended the process, again and again."""
    event = unroutable()
    for _ in range(10):
        stage.restart()
        stage.take(delivery(event, redelivered=True))
    assert stage.done == [event.id]
    assert not stage.parked


def test_a_message_that_ends_the_process_only_when_retried_is_parked_too(stage: Stage) -> None:
    killer, behind = unroutable("c1", 1), unroutable("c1", 2)
    stage.let(killer, ValueError(), Killed())
    stage.take(delivery(killer))
    stage.take(delivery(behind))
    deaths = 0
    for _ in range(20):
        try:
            stage.pass_time(60)
        except Killed:
            deaths += 1
            stage.restart()
    assert deaths == 3, "attempts 2, 3 and 4; the fourth was the last"
    assert [message.delivery for message in stage.parked] == [delivery(killer)]
    assert stage.done == [behind.id]
    assert not stage.waiting


def test_a_resource_that_is_away_does_not_make_a_redelivered_message_a_killer(stage: Stage) -> None:
    event = unroutable()
    stage.let(event, *[ResourceUnavailable("mail server")] * 10, None)
    for _ in range(10):
        with pytest.raises(ResourceUnavailable):
            stage.take(delivery(event, redelivered=True))
    stage.take(delivery(event, redelivered=True))
    assert stage.done == [event.id]
    assert not stage.parked


POLICIES = st.builds(
    RetryPolicy,
    first_delay=st.floats(0.01, 60),
    factor=st.floats(1, 10),
    max_delay=st.floats(60, 3600),
    jitter=st.floats(0, 1),
    max_attempts=st.integers(1, 20),
)
CHANCE = st.floats(0, 1, exclude_max=True)


@given(POLICIES, st.integers(1, 100), CHANCE)
def test_a_delay_is_bounded_and_grows(policy: RetryPolicy, attempt: int, chance: float) -> None:
    delay = policy.delay(attempt, chance)
    assert 0 <= delay <= policy.max_delay
    assert delay <= policy.delay(attempt, 0)
    assert delay >= policy.delay(attempt, 0) * (1 - policy.jitter) * 0.999
    assert policy.delay(attempt + 1, 0) >= policy.delay(attempt, 0)


def test_the_usual_delays() -> None:
    policy = RetryPolicy()
    assert [policy.delay(n, 0) for n in range(1, 8)] == [1, 3, 9, 27, 81, 243, 600]
    assert policy.delay(1, 0.5) == pytest.approx(0.85)
    assert [policy.exhausted(n) for n in (7, 8, 9)] == [False, True, True]
    assert [policy.is_deadly(n) for n in (2, 3)] == [False, True]


def test_an_absurd_number_of_attempts_still_has_a_delay() -> None:
    assert RetryPolicy(max_attempts=10_000).delay(5_000, 0) == 600
