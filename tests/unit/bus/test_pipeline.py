"""Every delivery given to the pipeline is accounted for: it took effect once, waits, or is parked."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.memory.bus import MemoryTransaction

from concord_bus.domain.delivery import Delivery
from concord_bus.domain.errors import DatabaseUnavailable, ParkMessage, ResourceUnavailable
from concord_bus.domain.retry import RetryPolicy
from concord_contracts import Event

from .stage import Stage, delivery, received, unroutable


@pytest.fixture
def stage() -> Stage:
    return Stage()


def ids(events: Sequence[Event[Any]]) -> list[str]:
    return [event.id for event in events]


def test_a_batch_takes_effect_in_one_call_and_one_transaction(stage: Stage) -> None:
    events = [unroutable(f"c{n}") for n in range(5)]
    stage.take(*map(delivery, events))
    assert stage.calls == [ids(events)]
    assert stage.done == ids(events)
    assert stage.published == [f"answer to {event.id}" for event in events]
    assert stage.committed == 1


def test_a_redelivered_message_has_no_second_effect(stage: Stage) -> None:
    event = unroutable()
    stage.take(delivery(event))
    stage.take(delivery(event, redelivered=True))
    stage.take(delivery(event))
    assert stage.done == [event.id]
    assert stage.published == [f"answer to {event.id}"]
    assert not stage.database.tables.suspects


def test_a_message_twice_in_one_batch_takes_effect_once(stage: Stage) -> None:
    first, second = unroutable("c1"), unroutable("c2")
    stage.take(*map(delivery, (first, second, first, first)))
    assert stage.done == [first.id, second.id]


def test_an_event_from_two_queues_takes_effect_once(stage: Stage) -> None:
    event = unroutable()
    stage.take(delivery(event, queue="test.events"), delivery(event, queue="test.more"))
    assert stage.done == [event.id]


def test_messages_of_one_concern_take_effect_in_order(stage: Stage) -> None:
    events = [unroutable("c1", 1), unroutable("c2", 1), unroutable("c1", 2), unroutable("c1", 3)]
    stage.take(*map(delivery, events))
    assert stage.calls == [ids(events[:2]), [events[2].id], [events[3].id]]
    assert stage.committed == 1


def test_types_are_handled_apart(stage: Stage) -> None:
    events = [unroutable("c1"), received("c2"), unroutable("c3")]
    stage.take(*map(delivery, events))
    assert sorted(map(sorted, stage.calls)) == sorted([[events[1].id], sorted([events[0].id, events[2].id])])


def test_what_can_never_succeed_is_parked_at_once_with_all_that_came(stage: Stage) -> None:
    event = unroutable()
    stage.let(event, ParkMessage("no such case"))
    came = delivery(event, headers={"x-trace": [1, {"deep": b"\xff"}]})
    stage.take(came)
    (parked,) = stage.parked
    assert (parked.reason, parked.attempts, parked.delivery) == ("no such case", 1, came)
    assert (parked.event_id, parked.event_type, parked.partition_key) == (event.id, event.type, "c1")
    assert not stage.done
    assert not stage.waiting
    assert not stage.published


def test_only_the_bad_message_leaves_the_batch(stage: Stage) -> None:
    events = [unroutable(f"c{n}") for n in range(5)]
    stage.let(events[1], ParkMessage("never"))
    stage.let(events[3], ValueError("now not"))
    stage.take(*map(delivery, events))
    assert stage.done == ids([events[0], events[2], events[4]])
    assert [message.event_id for message in stage.parked] == [events[1].id]
    assert [message.delivery for message in stage.waiting] == [delivery(events[3])]


def test_a_batch_that_fails_leaves_nothing_behind_of_its_first_try(stage: Stage) -> None:
    good, bad = unroutable("c1"), unroutable("c2")
    stage.let(bad, ValueError())
    stage.take(delivery(good), delivery(bad))
    assert stage.calls[0] == [good.id, bad.id]
    assert stage.done == [good.id]
    assert stage.published == [f"answer to {good.id}"]


UNREADABLE: dict[str, dict[str, Any]] = {
    "no JSON": {"body": b"{"},
    "nothing": {"body": b""},
    "not UTF-8": {"body": b'{"id": "\xff"}'},
    "no CloudEvent": {"body": b"{}"},
    "another content type": {"properties": {"content_type": "text/plain"}},
    "no content type": {"properties": {}},
    "compressed": {"properties": {"content_type": "application/cloudevents+json", "content_encoding": "gzip"}},
    "over a megabyte": {"body": b" " * (1024 * 1024 + 1)},
    "undecodable headers": {"properties": {"content_type": "application/cloudevents+json", "undecodable": b"\x01"}},
}


@pytest.mark.parametrize("why", UNREADABLE)
def test_what_cannot_be_read_is_parked_byte_for_byte_and_harms_nobody(stage: Stage, why: str) -> None:
    good = unroutable("c1")
    bad = replace(delivery(unroutable("c2")), headers={"nameko.call_id_stack": 5}, **UNREADABLE[why])
    stage.take(delivery(good), bad)
    assert stage.done == [good.id]
    (parked,) = stage.parked
    assert parked.delivery == bad
    assert parked.reason
    assert (parked.event_id, parked.event_type, parked.partition_key) == (None, None, None)


def test_a_type_without_a_handler_is_parked(stage: Stage) -> None:
    stage.handlers.pop("concern.received.v1")
    stage.take(delivery(received()))
    assert [message.reason for message in stage.parked] == ["concern.received.v1 is not handled by this service"]


def test_what_the_broker_gave_up_on_is_parked_with_its_reason(stage: Stage) -> None:
    event = unroutable()
    stage.take(
        delivery(
            event,
            queue="test.dead",
            headers={"x-death": [{"reason": "delivery_limit", "queue": "test.events", "count": 1}]},
        )
    )
    assert [row.reason for row in stage.parked] == ["dead-lettered by the broker: delivery_limit (queue test.events)"]
    assert not stage.done


@pytest.mark.parametrize("deaths", [5, "x", [], [5], [{}], None, {"reason": 1}], ids=repr)
def test_hostile_death_headers_are_parked_too(stage: Stage, deaths: Any) -> None:
    stage.take(delivery(unroutable(), queue="test.dead", headers={"x-death": deaths}))
    assert len(stage.parked) == 1


def test_when_a_resource_is_away_nothing_is_recorded_and_the_caller_keeps_the_batch(stage: Stage) -> None:
    events = [unroutable("c1"), unroutable("c2")]
    stage.let(events[1], ResourceUnavailable("mail server"), None)
    with pytest.raises(ResourceUnavailable, match="mail server"):
        stage.take(*map(delivery, events))
    assert (stage.done, stage.published, stage.waiting, stage.parked) == ([], [], [], [])
    stage.take(*map(delivery, events))
    assert stage.done == ids(events)


def test_a_database_that_is_away_keeps_the_batch(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    def away() -> Any:
        raise DatabaseUnavailable

    event, garbage = unroutable(), delivery(unroutable("c2"), body=b"{")
    with monkeypatch.context() as patch:
        patch.setattr(stage.database, "begin", away)
        for batch in ([delivery(event)], [garbage], [delivery(event), garbage], [delivery(event, redelivered=True)]):
            with pytest.raises(ResourceUnavailable):
                stage.take(*batch)
    assert (stage.done, stage.parked, stage.waiting) == ([], [], [])
    stage.take(delivery(event), garbage)
    assert stage.done == [event.id]
    assert [message.delivery for message in stage.parked] == [garbage]


def test_parking_that_fails_keeps_the_message(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    """An unreadable message cannot wait for a retry, so nothing but the broker holds it until it is parked."""
    garbage = delivery(unroutable(), body=b"{")
    with monkeypatch.context() as patch:
        patch.setattr(MemoryTransaction, "park", _raise)
        with pytest.raises(ResourceUnavailable):
            stage.take(garbage)
    stage.take(garbage)
    assert [message.delivery for message in stage.parked] == [garbage]


def _raise(*_: Any, **__: Any) -> None:
    raise OSError("disk full")


def test_an_error_is_recorded_by_place_not_by_text(stage: Stage) -> None:
    event = unroutable()
    stage.policy = RetryPolicy(max_attempts=1)
    stage.restart()
    stage.let(event, ValueError("reporter@example.org"))
    stage.take(delivery(event))
    (parked,) = stage.parked
    assert parked.reason.startswith("failed: ValueError in act, line ")
    assert "example.org" not in parked.reason


def test_an_empty_batch_is_nothing(stage: Stage) -> None:
    stage.take()
    assert stage.committed == 0


def settle(stage: Stage) -> None:
    """Let time pass until nothing waits."""
    for _ in range(200):
        if not stage.waiting:
            return
        stage.pass_time(1)


# What each delivery of a batch does when it is handled: fine, to be parked, or failing for a while.
CONDUCTS = st.sampled_from(["fine", "fine", "fine", "park", "fail once", "fail always", "garbage"])
BATCHES = st.lists(
    st.lists(st.tuples(st.integers(0, 3), CONDUCTS, st.integers(1, 2), st.booleans()), min_size=1, max_size=6),
    min_size=1,
    max_size=4,
)


@given(BATCHES)
def test_whatever_comes_everything_is_accounted_for_once(
    batches: list[list[tuple[int, str, int, bool]]],
) -> None:
    """Any mixture of concerns, failures, duplicates and redeliveries: effect or parked, never both, never neither."""
    stage = Stage(RetryPolicy(first_delay=1, factor=1, jitter=0, max_attempts=3))
    good: set[str] = set()
    bad: set[str] = set()
    garbage = sequence = 0
    for batch in batches:
        deliveries: list[Delivery] = []
        for concern, conduct, copies, redelivered in batch:
            sequence += 1
            event = unroutable(f"c{concern}", sequence, id=f"e{sequence:03d}")
            if conduct == "garbage":
                garbage += 1
                deliveries.append(delivery(event, body=b"%d" % sequence))
                continue
            (good if conduct in ("fine", "fail once") else bad).add(event.id)
            if conduct == "park":
                stage.let(event, ParkMessage("never"))
            elif conduct != "fine":
                stage.fail(event, seconds=1 if conduct == "fail once" else 1000)
            deliveries += [delivery(event, redelivered=redelivered)] * copies
        stage.take(*deliveries)
    settle(stage)
    assert not stage.waiting
    assert sorted(stage.done) == sorted(good)
    assert {message.event_id for message in stage.parked if message.event_id} == bad
    assert sum(message.event_id is None for message in stage.parked) == garbage
    assert sorted(stage.published) == sorted(f"answer to {event_id}" for event_id in good)
    assert not stage.database.tables.suspects


@settings(max_examples=60)
@given(st.lists(st.tuples(st.integers(0, 2), st.booleans()), min_size=1, max_size=12))
def test_a_concern_keeps_its_order_through_failures(messages: list[tuple[int, bool]]) -> None:
    """Fresh messages of one concern take effect in their order even when some had to be tried again."""
    stage = Stage(RetryPolicy(first_delay=1, factor=1, jitter=0, max_attempts=9))
    events = [unroutable(f"c{concern}", n + 1, id=f"e{n:03d}") for n, (concern, _) in enumerate(messages)]
    for event, (_, fails) in zip(events, messages, strict=True):
        if fails:
            stage.fail(event, seconds=2)
    half = len(events) // 2
    stage.take(*map(delivery, events[:half]))
    stage.take(*map(delivery, events[half:]))
    settle(stage)
    for concern in {event.partitionkey for event in events}:
        expected = [event.id for event in events if event.partitionkey == concern]
        assert [event_id for event_id in stage.done if event_id in expected] == expected
