"""The test double: what a service's own test looks like, and that it behaves as the real one."""

import pytest
from client_samples import ROUTED

from concord_client import BadMessage, Event, Retry
from concord_client.testing import FakeSubscriber
from concord_contracts.messages import ConcernRouted

TYPE = "concern.routed.v1"


def test_a_service_under_test() -> None:
    subscriber, crew = FakeSubscriber(), []
    subscriber.feed(TYPE, {**ROUTED, "case_id": "case-1"}, event_id="e1")
    subscriber.feed(TYPE, {**ROUTED, "case_id": "case-2"}, event_id="e1")

    def handle(event: Event) -> None:
        routed = event.of(ConcernRouted)
        assert routed is not None
        crew.append((routed.case_id, routed.area))

    subscriber.run(handle)
    assert crew == [("case-1", "B2")], "the same id is handed out once"
    assert subscriber.acknowledged == ["e1", "e1"]
    assert subscriber.dead_lettered == []


def test_a_handler_that_fails_twice_is_called_three_times_without_waiting() -> None:
    subscriber, calls = FakeSubscriber(retry=Retry(attempts=3, first=300, longest=600)), []

    def handle(event: Event) -> None:
        calls.append(event.id)
        if len(calls) < 3:
            raise ConnectionError

    subscriber.feed(TYPE, ROUTED)
    subscriber.run(handle)
    assert calls == ["event-1"] * 3
    assert subscriber.acknowledged == ["event-1"]


def test_what_fails_always_and_what_cannot_be_read_are_dead_letters() -> None:
    subscriber = FakeSubscriber(retry=Retry(attempts=2))

    def handle(event: Event) -> None:
        raise BadMessage("no such bench") if event.data["area"] == "B3" else RuntimeError

    subscriber.feed(TYPE, ROUTED)
    subscriber.feed(TYPE, {**ROUTED, "area": "B3"})
    subscriber.feed_raw(b"not JSON")
    subscriber.run(handle)
    letters = [(each.reason, each.attempts) for each in subscriber.dead_lettered]
    assert sorted(letters) == [
        ("failed with RuntimeError", 2),
        ("no such bench", 1),
        ("the body is not JSON in UTF-8", 0),
    ]
    assert sorted(subscriber.acknowledged, key=str) == [None, "event-1", "event-2"]


def test_iterating_with_a_failure_and_a_stop() -> None:
    subscriber, seen = FakeSubscriber(), []
    for _ in range(3):
        subscriber.feed(TYPE, ROUTED)
    for event in subscriber:
        seen.append(event.id)
        if seen == ["event-1"]:
            subscriber.retry(event, RuntimeError())
        if event.id == "event-1" and len(seen) > 1:
            subscriber.stop()
    assert seen == ["event-1", "event-2", "event-3", "event-1"]
    assert subscriber.acknowledged == ["event-2", "event-3", "event-1"]


def test_only_the_event_in_hand_can_be_tried_again() -> None:
    subscriber = FakeSubscriber()
    subscriber.feed(TYPE, ROUTED)
    event = next(iter(subscriber))
    subscriber.feed(TYPE, ROUTED)
    other = FakeSubscriber()
    with pytest.raises(ValueError, match="in hand"):
        other.retry(event, RuntimeError())


def test_ids_may_be_kept_by_the_service() -> None:
    ids = {"event-1"}
    subscriber, handled = FakeSubscriber(seen=ids), []
    subscriber.feed(TYPE, ROUTED)
    subscriber.feed(TYPE, ROUTED)
    subscriber.run(lambda event: handled.append(event.id))
    assert handled == ["event-2"]
    assert ids == {"event-1", "event-2"}
