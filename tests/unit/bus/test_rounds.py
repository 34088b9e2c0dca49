"""A batch is split into rounds without losing, doubling or overtaking anything."""

from hypothesis import given
from hypothesis import strategies as st

from concord_bus.domain.delivery import DecodedDelivery, rounds

from .stage import delivery, unroutable

CONCERNS = st.lists(st.integers(0, 4).map(lambda n: f"c{n}"), max_size=12)


def batch(concerns: list[str]) -> list[DecodedDelivery]:
    events = [unroutable(event, n + 1) for n, event in enumerate(concerns)]
    return [DecodedDelivery(delivery(event), event) for event in events]


@given(CONCERNS)
def test_no_round_holds_a_concern_twice(concerns: list[str]) -> None:
    for messages in rounds(batch(concerns)):
        keys = [message.event.partitionkey for message in messages]
        assert len(set(keys)) == len(keys)


@given(CONCERNS)
def test_nothing_is_lost_doubled_or_overtaken(concerns: list[str]) -> None:
    received = batch(concerns)
    flat = [message for messages in rounds(received) for message in messages]
    assert sorted(message.event.sequence for message in flat) == list(range(1, len(received) + 1))
    for concern in set(concerns):
        of_concern = [message.event.sequence for message in flat if message.event.partitionkey == concern]
        assert of_concern == sorted(of_concern)


@given(CONCERNS)
def test_there_are_no_more_rounds_than_needed(concerns: list[str]) -> None:
    most = max((concerns.count(key) for key in concerns), default=0)
    assert len(rounds(batch(concerns))) == most


def test_distinct_concerns_keep_the_order_they_came_in() -> None:
    received = batch(["c3", "c1", "c2"])
    assert rounds(received) == [received]
