"""Waiting for the broker in vain leaves nothing behind for Python to search for."""

import gc
import weakref
from collections.abc import Iterator
from typing import NoReturn

import pytest

from concord_bus.adapters.amqp.connection import drain


class Batch:
    """What a caller has in hand while it waits."""


class Silent:
    """A connection on which nothing comes; it holds the error that it raises, as eventlet's wait does."""

    def drain_events(self, timeout: float) -> NoReturn:
        error = TimeoutError("timed out")
        raise error


@pytest.fixture
def no_search() -> Iterator[None]:
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_search")
def test_a_caller_keeps_nothing_after_a_wait_in_vain() -> None:
    def wait() -> weakref.ref[Batch]:
        batch = Batch()
        assert not drain(Silent(), 0.01)
        return weakref.ref(batch)

    assert wait()() is None
