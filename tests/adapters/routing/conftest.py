"""Stores of every kind, and the concerns of the unit tests."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from tests.memory.bus import MemoryDatabase
from tests.memory.routing import MemoryStore

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_routing.adapters.repository import SqlStore
from concord_routing.ports import Store

sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "routing"))

Begin = Callable[[], AbstractContextManager[Store]]


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def begin(request: pytest.FixtureRequest) -> Iterator[Begin]:
    """Opens a transaction on a store that holds nothing yet; an exception in it undoes what it did."""
    if request.param == "memory":
        spine: MemoryDatabase | Database = MemoryDatabase(MemoryStore())
    else:
        url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
        upgrade(url, "concord_routing")
        spine = Database(url, SqlStore)

    @contextmanager
    def opened() -> Iterator[Store]:
        with spine.begin() as (_, store):
            yield store

    yield opened
    if isinstance(spine, Database):
        spine.dispose()
