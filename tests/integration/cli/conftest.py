"""The stage of the bus's tests, for commands that look at a live broker and a service's database."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "bus"))

from bus_stage import Stage, staged

from concord_nodes import RabbitNode


@pytest.fixture
def stage(rabbit: RabbitNode, tmp_path: Path) -> Iterator[Stage]:
    """A virtual host with the topology applied, on the session's node."""
    with staged(rabbit, tmp_path) as made:
        yield made
