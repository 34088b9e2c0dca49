"""The audit and the keys of every kind: in memory, on SQLite, on PostgreSQL."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple

import pytest
from tests.memory.access import MemoryAudit, MemoryKeys

from concord_access.adapters.sql import audit_tables, key_tables
from concord_access.adapters.sql.audit import SqlAudit
from concord_access.adapters.sql.keys import SqlKeys
from concord_access.ports import AuditLog, KeyStore
from concord_bus.adapters.sql.database import create_database_engine


class Stores(NamedTuple):
    audit: AuditLog
    keys: KeyStore


Begin = Callable[[], AbstractContextManager[Stores]]


@pytest.fixture
def engine(databases):
    """An empty database with the tables of access."""
    made = create_database_engine(databases)
    with made.begin() as connection:
        audit_tables.metadata.create_all(connection)
        key_tables.metadata.create_all(connection)
    yield made
    made.dispose()


@pytest.fixture(params=["memory", "sqlite", "postgresql"])
def begin(request: pytest.FixtureRequest) -> Iterator[Begin]:
    """Opens a transaction on stores that hold nothing yet."""
    if request.param == "memory":
        stores = Stores(MemoryAudit(), MemoryKeys())

        @contextmanager
        def opened() -> Iterator[Stores]:
            yield stores

        yield opened
        return
    url = request.getfixturevalue("sqlite_url" if request.param == "sqlite" else "postgres_url")
    made = create_database_engine(url)
    with made.begin() as connection:
        audit_tables.metadata.create_all(connection)
        key_tables.metadata.create_all(connection)

    @contextmanager
    def opened_sql() -> Iterator[Stores]:
        with made.begin() as connection:
            yield Stores(SqlAudit(connection), SqlKeys(connection))

    yield opened_sql
    made.dispose()
