"""Cyclic garbage is searched for by the clock."""

import gc
import weakref
from collections.abc import Iterator

import pytest

from concord_bus.gc_policy import SECONDS, schedule_collection


class Ring:
    """Garbage that only a search finds."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def settings() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_a_search_comes_when_its_time_has_come_and_not_before() -> None:
    now = [100.0]
    collect_when_due = schedule_collection(lambda: now[0])
    found = []
    for passed in (SECONDS - 0.1, 0.1, SECONDS - 0.1, 0.2):
        ring = weakref.ref(Ring())
        now[0] += passed
        collect_when_due()
        found.append(ring() is None)
    assert found == [False, True, False, True]
