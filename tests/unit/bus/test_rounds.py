"""A batch is split into rounds without losing, doubling or overtaking anything."""

from hypothesis import given
from hypothesis import strategies as st

from concord_bus.domain.delivery import Received, rounds

from .stage import delivery, unroutable

CONCERNS = st.lists(st.integers(0, 4).map(lambda n: f"c{n}"), max_size=12)


def batch(concerns: list[str]) -> list[Received]:
    events = [unroutable(each, n + 1) for n, each in enumerate(concerns)]
    return [Received(delivery(each), each) for each in events]


@given(CONCERNS)
def test_no_round_holds_a_concern_twice(concerns: list[str]) -> None:
    for each_round in rounds(batch(concerns)):
        keys = [each.event.partitionkey for each in each_round]
        assert len(set(keys)) == len(keys)


@given(CONCERNS)
def test_nothing_is_lost_doubled_or_overtaken(concerns: list[str]) -> None:
    received = batch(concerns)
    flat = [each for each_round in rounds(received) for each in each_round]
    assert sorted(each.event.sequence for each in flat) == list(range(1, len(received) + 1))
    for concern in set(concerns):
        of_concern = [each.event.sequence for each in flat if each.event.partitionkey == concern]
        assert of_concern == sorted(of_concern)


@given(CONCERNS)
def test_there_are_no_more_rounds_than_needed(concerns: list[str]) -> None:
    most = max((concerns.count(each) for each in concerns), default=0)
    assert len(rounds(batch(concerns))) == most


def test_distinct_concerns_keep_the_order_they_came_in() -> None:
    received = batch(["c3", "c1", "c2"])
    assert rounds(received) == [received]
