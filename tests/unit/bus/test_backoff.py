"""Waits grow, are spread, stay bounded, and begin again once the thing was reached."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord_bus.backoff import Backoff


def test_waits_double_up_to_the_longest() -> None:
    backoff = Backoff(first=0.2, longest=1.0, chance=lambda: 1.0)
    assert [backoff.seconds() for _ in range(5)] == pytest.approx([0.2, 0.4, 0.8, 1.0, 1.0])


def test_after_success_it_begins_again() -> None:
    backoff = Backoff(first=0.2, chance=lambda: 1.0)
    for _ in range(4):
        backoff.seconds()
    backoff.reset()
    assert backoff.seconds() == pytest.approx(0.2)


@given(st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_a_wait_is_never_nothing_and_never_too_long(chances: list[float]) -> None:
    left = iter(chances)
    backoff = Backoff(first=0.2, longest=5.0, chance=lambda: next(left))
    for _ in chances:
        assert 0.13 < backoff.seconds() <= 5.0
