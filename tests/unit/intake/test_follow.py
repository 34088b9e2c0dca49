"""What routing did is kept the same whatever the order of arrival."""

import random

import pytest
from residents import routed, unroutable

from concord_bus.adapters.memory import MemoryBus
from concord_intake.adapters.memory import MemoryStore
from concord_intake.domain.progress import in_order, status_of
from concord_intake.handlers.follow import HANDLERS


def test_a_concern_without_news_is_received() -> None:
    assert status_of([]) == "received"


@pytest.mark.parametrize("seed", range(20))
def test_order_duplicates_and_batches_do_not_matter(seed: int) -> None:
    events = [unroutable(1), routed(2), routed(3), unroutable(1, "c2"), routed(1, "c3")]
    chance = random.Random(seed)
    arriving = events + chance.sample(events, 3)
    chance.shuffle(arriving)
    store = MemoryStore()
    bus = MemoryBus(store, HANDLERS)
    while arriving:
        size = chance.randint(1, 4)
        bus.deliver(*arriving[:size])
        arriving = arriving[size:]
    steps = in_order(store.steps("c1"))
    assert [(step.sequence, step.status) for step in steps] == [(1, "unroutable"), (2, "routed"), (3, "routed")]
    assert (steps[0].reason, steps[2].team) == ("outside", "team-3")
    assert [status_of(store.steps(each)) for each in ("c1", "c2", "c3")] == ["routed", "unroutable", "routed"]
    assert not bus.parked
