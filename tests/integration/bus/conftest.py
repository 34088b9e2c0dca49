"""Lets the tests of this folder share their stage: a virtual host with the topology applied, and probes on it."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))
sys.path.insert(0, str(Path(__file__).parent))

from bus_stage import Stage, staged

from concord_nodes import RabbitNode


@pytest.fixture
def stage(rabbit: RabbitNode, tmp_path: Path) -> Iterator[Stage]:
    """A stage on the session's node."""
    with staged(rabbit, tmp_path) as made:
        yield made


@pytest.fixture(scope="module")
def ailing_node(rabbit: RabbitNode, parts_folder: Path) -> Iterator[RabbitNode]:
    """A node that a module's tests stop, freeze and alarm. Asking for `rabbit` first skips where there is none."""
    node = RabbitNode(parts_folder / "rabbit-ailing")
    try:
        yield node.start()
    finally:
        node.discard()


@pytest.fixture
def ailing_stage(ailing_node: RabbitNode, tmp_path: Path) -> Iterator[Stage]:
    """A stage on that node, which is well when the test begins."""
    ailing_node.thaw()
    ailing_node.start()
    with staged(ailing_node, tmp_path) as made:
        yield made
        ailing_node.thaw()
        ailing_node.start()
