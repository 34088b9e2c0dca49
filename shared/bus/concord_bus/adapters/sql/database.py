"""A service's database: SQLite in a file, or PostgreSQL."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import Connection, make_url

from concord_bus.adapters.sql.database_errors import translate_database_errors
from concord_bus.adapters.sql.transaction import SqlTransaction
from concord_bus.ports import Clock, utc_now

SQLITE_BUSY_SECONDS = 1
"""The wait for a lock on the file. SQLite's wait stops the whole process, so it is short and repeated."""


class Database:
    """Opens transactions. `store_of` creates the service's store from a connection.

    SQLite has one writer. A lock of this process lets green threads wait for each other, where SQLite's own wait would
    block the process.
    """

    def __init__(self, url: str, store_of: Callable[[Connection], Any], clock: Clock = utc_now) -> None:
        self.engine = create_database_engine(url)
        self.dialect = self.engine.dialect.name
        self._store_of = store_of
        self._clock = clock
        self.writing: Any = threading.Lock() if self.dialect == "sqlite" else nullcontext()
        self.reader = self.engine.execution_options(concord_read=True)

    @contextmanager
    def begin(self) -> Iterator[tuple[SqlTransaction, Any]]:
        """Open a transaction for writing, with the tables of the bus and the service's store.

        Raises DatabaseUnavailable when the database does not respond, is full, or timed out on a lock.
        """
        with self.writing, translate_database_errors(), self.engine.begin() as connection:
            yield SqlTransaction(connection, self._clock), self._store_of(connection)

    @contextmanager
    def read(self) -> Iterator[tuple[SqlTransaction, Any]]:
        """Open a consistent view for reading. Raises DatabaseUnavailable."""
        with translate_database_errors(), self.reader.begin() as connection:
            yield SqlTransaction(connection, self._clock), self._store_of(connection)

    def dispose(self) -> None:
        """Close all pooled connections."""
        self.engine.dispose()


def create_database_engine(url: str) -> Engine:
    """Return an engine with every wait bounded. Raises ValueError for a URL of another database than these two."""
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite_engine(url)
    if parsed.drivername == "postgresql+psycopg2":
        return _postgres_engine(url)
    raise ValueError("the database URL must begin with sqlite:/// or postgresql+psycopg2://")


PRAGMAS = (
    "page_size=8192",  # of a new file; rows with encrypted data are large
    "journal_mode=WAL",
    "synchronous=FULL",
    "foreign_keys=ON",
    "cache_size=-2000",  # KiB, for each connection
    "wal_autocheckpoint=2000",  # pages, 16 MiB: a page that changes often reaches the file once
    "journal_size_limit=33554432",  # bytes: the first commit after a checkpoint shortens a longer write-ahead log
)
HIDE_PARAMETERS = True
"""Errors do not quote parameters: they may hold a resident's words."""


def _sqlite_engine(url: str) -> Engine:
    engine = create_engine(
        url,
        connect_args={"timeout": SQLITE_BUSY_SECONDS, "check_same_thread": False},
        pool_size=8,
        pool_use_lifo=True,  # each connection has its own page cache: use few of them
        hide_parameters=HIDE_PARAMETERS,
    )

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # `_begin` starts transactions, not the driver
        for pragma in PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        reading = connection.get_execution_options().get("concord_read", False)
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

    return engine


def _postgres_engine(url: str) -> Engine:
    from concord_bus.adapters.sql.postgres_connection import CONNECT_SECONDS, connect_arguments

    return create_engine(
        url,
        connect_args=connect_arguments(),
        isolation_level="READ COMMITTED",  # read again after waiting for a lock, whatever the server's default
        pool_size=8,
        max_overflow=8,
        pool_timeout=CONNECT_SECONDS,
        pool_use_lifo=True,
        hide_parameters=HIDE_PARAMETERS,
    )
