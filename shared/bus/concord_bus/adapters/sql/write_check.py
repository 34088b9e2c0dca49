"""Checks that the database confirms a small write and has all tables. A full or read-only one still reads."""

import json
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Any

from sqlalchemy import text
from sqlalchemy.engine import Connection

from concord_bus.adapters.sql import tables as t
from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.database_errors import translate_database_errors
from concord_bus.adapters.sql.dialect import each_of
from concord_bus.domain.errors import DatabaseUnavailable

CHECK_SECONDS = 5.0
"""The least time between two writes of a process."""
WRITE_SECONDS = 2
COMMIT_SECONDS = 3.0
LOCK_SECONDS = 2.0
NOTE = "write check"
"""The key of the row that the check writes and deletes. A second check waits for the first one's commit."""

INSERT = text("INSERT INTO suspects (fingerprint, crashes) VALUES (:key, 0)")
MISSING = "SELECT each.value FROM {each} WHERE NOT ({exists}) LIMIT 1"
EXISTS = {
    "sqlite": "EXISTS (SELECT 1 FROM sqlite_master WHERE name = each.value)",
    "postgresql": "to_regclass(each.value) IS NOT NULL",
}
DELETE = text("DELETE FROM suspects WHERE fingerprint = :key")


class WriteCheck:
    """Writes at most once in CHECK_SECONDS and remembers the result in between. `tables` are those of the service."""

    def __init__(self, database: Database, tables: Iterable[str] = (), clock: Callable[[], float] = monotonic) -> None:
        self._database = database
        self._tables = json.dumps([*t.metadata.tables, *tables])
        self._clock = clock
        self._checked_at = float("-inf")
        self._running = False
        self._problem: str | None = None

    def problem(self) -> str | None:
        """Return the problem of the last write, after a new one if it is due. It completes "the database ..."."""
        if not self._running and self._clock() - self._checked_at >= CHECK_SECONDS:
            self._running = True
            try:
                self._problem = self._write()
            finally:
                self._running = False
                self._checked_at = self._clock()
        return self._problem

    def _write(self) -> str | None:
        try:
            with self._alone() as alone, translate_database_errors(), self._database.engine.connect() as connection:
                if alone:  # else another thread of this process is writing
                    _insert_and_delete(connection)
            return self._missing_table()
        except DatabaseUnavailable as away:
            return away.problem

    def _missing_table(self) -> str | None:
        query = text(
            MISSING.format(each=each_of(self._database.dialect, "names"), exists=EXISTS[self._database.dialect])
        )
        with translate_database_errors(), self._database.reader.begin() as connection:
            table = connection.scalar(query, {"names": self._tables})
        return f"lacks the table {table}" if table else None

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Wait for the other writers of a SQLite file, at most LOCK_SECONDS."""
        if self._database.dialect != "sqlite":
            yield True
            return
        locked = self._database.writing.acquire(timeout=LOCK_SECONDS)
        try:
            yield locked
        finally:
            if locked:
                self._database.writing.release()


def _insert_and_delete(connection: Connection) -> None:
    if connection.dialect.name == "sqlite":
        with connection.begin():
            _run(connection)
        return
    raw: Any = connection.connection.dbapi_connection
    usual, raw.commit_seconds = raw.commit_seconds, COMMIT_SECONDS
    try:
        with connection.begin():
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = '{WRITE_SECONDS}s'")
            _run(connection)
    finally:
        raw.commit_seconds = usual


def _run(connection: Connection) -> None:
    connection.execute(INSERT, {"key": NOTE})
    connection.execute(DELETE, {"key": NOTE})
