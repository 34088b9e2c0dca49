"""Lets the tests of this folder use the `concord subscriber` command on a virtual host of their own."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "integration" / "subscribers"))
sys.path.insert(0, str(Path(__file__).parents[1] / "integration" / "client"))

from subscriber_stage import Broker, broker

from concord_nodes import RabbitNode


@pytest.fixture
def city(rabbit: RabbitNode) -> Iterator[Broker]:
    """Concord's topology on the session's node; every subscriber is removed afterwards."""
    with broker(rabbit) as made:
        yield made
