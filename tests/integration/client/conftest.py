"""Lets the tests of this folder share their city."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

from client_stage import QUEUE, City, city

from concord_nodes import RabbitNode


@pytest.fixture
def parks(rabbit: RabbitNode) -> Iterator[City]:
    """A city on the session's node."""
    with city(rabbit) as made:
        yield made


@pytest.fixture
def parks_own(rabbit_own: RabbitNode) -> Iterator[City]:
    """A city on a node of its own, to be killed and restarted."""
    with city(rabbit_own) as made:
        rabbit_own.await_recoverable(QUEUE, vhost=made.vhost)
        yield made
