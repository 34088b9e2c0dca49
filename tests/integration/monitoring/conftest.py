"""A real service and broker, scraped by a real Prometheus with the rules as deployed, only quicker."""

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

HERE = Path(__file__)
UNIT = HERE.parents[2] / "unit" / "monitoring"
sys.path[:0] = [str(HERE.parent), str(HERE.parents[1]), str(UNIT)]

from watching import Watched, watched  # noqa: E402

from concord_nodes import PrometheusNode, RabbitNode  # noqa: E402


@pytest.fixture(scope="module")
def watch(rabbit: RabbitNode, prometheus: PrometheusNode, parts_folder: Path) -> Iterator[Watched]:
    """Skips where Prometheus is not installed, as the session's does."""
    with watched(rabbit, parts_folder / "watched") as made:
        yield made
