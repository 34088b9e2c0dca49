"""Stores of every kind, and the events of the unit tests."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from tests.memory.metrics import MemoryStore

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_metrics.adapters.repository import SqlStore
from concord_metrics.ports import Store

sys.path.insert(0, str(Path(__file__).parents[2] / "unit" / "metrics"))

Begin = Callable[[], AbstractContextManager[Store]]


@pytest.fixture
def database(databases: str) -> Iterator[Database]:
    """An empty database of metrics: once on SQLite, once on PostgreSQL."""
    upgrade(databases, "concord_metrics")
    opened = Database(databases, SqlStore)
    yield opened
    opened.dispose()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def begin(request: pytest.FixtureRequest) -> Iterator[Begin]:
    """Opens a transaction on a store that holds nothing yet."""
    if request.param == "memory":
        store = MemoryStore()

        @contextmanager
        def in_memory() -> Iterator[Store]:
            yield store

        yield in_memory
        return
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    upgrade(url, "concord_metrics")
    database = Database(url, SqlStore)

    @contextmanager
    def in_database() -> Iterator[Store]:
        with database.begin() as (_, bound):
            yield bound

    yield in_database
    database.dispose()
