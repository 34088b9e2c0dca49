"""The database of a service, open beside the service itself."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic
from typing import TypeVar

import click
from sqlalchemy import inspect
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from concord_access.audit import AuditLog, SqlAudit
from concord_bus.adapters.sql.database import Database, create_database_engine
from concord_bus.adapters.sql.database_errors import translate_database_errors
from concord_bus.domain.errors import DatabaseUnavailable
from concord_bus.ports import Parking
from concord_cli.common.database_urls import parsed_url
from concord_cli.common.errors import UsageError

PATIENCE_SECONDS = 15.0
"""The service writes often and holds its lock briefly: retry for this long."""
RETRY_SECONDS = 0.2
REQUIRED_TABLES = ("parked", "waiting", "operator_actions", "audit_entries")

T = TypeVar("T")


class Store:
    """Short transactions on the parked messages and the audit of one service."""

    def __init__(self, service: str, url: str) -> None:
        self._service = service
        self._database = Database(url, SqlAudit)

    def read(self, query: Callable[[Parking], T]) -> T:
        """Return the result of `query`. Raises ClickException when the database is unavailable."""

        def transaction() -> T:
            with self._database.read() as (tx, _):
                return query(tx)

        return self._retry(transaction)

    def write(self, change: Callable[[Parking, AuditLog], T]) -> T:
        """Commit `change` and return its result. Raises ClickException; then nothing has changed."""

        def transaction() -> T:
            with self._database.begin() as (tx, audit):
                return change(tx, audit)

        return self._retry(transaction)

    def check(self) -> None:
        """Raises UsageError when a table is missing, ClickException when the database is unavailable."""
        missing = self._retry(self._missing_tables)
        if missing:
            raise UsageError(
                f"The database of {self._service} has no table {missing[0]}: start this version of the service once "
                "to migrate it, or correct --database."
            )

    def close(self) -> None:
        self._database.dispose()

    def _missing_tables(self) -> list[str]:
        reading = self._database.engine.execution_options(concord_read=True)
        with translate_database_errors(), reading.connect() as connection:
            tables = inspect(connection).get_table_names()
        return [name for name in REQUIRED_TABLES if name not in tables]

    def _retry(self, transaction: Callable[[], T]) -> T:
        deadline = monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return transaction()
            except DatabaseUnavailable as error:
                if monotonic() > deadline:
                    raise _unusable(f"database of {self._service}", error.__cause__ or error) from error
                time.sleep(RETRY_SECONDS)
            except DBAPIError as error:  # such as: the file is not a database
                raise _unusable(f"database of {self._service}", error) from error


def open_store(service: str, url: str) -> Store:
    """Open the service's database and check it. Raises UsageError, or ClickException when it is unavailable."""
    _check_file(url)
    try:
        store = Store(service, url)
    except ValueError as error:
        raise UsageError(f"--database: {error}") from error
    try:
        store.check()
    except BaseException:
        store.close()
        raise
    return store


@contextmanager
def open_connection(url: str, *, writing: bool) -> Iterator[Connection]:
    """Yield a transaction on an existing database.

    Raises UsageError for a wrong URL, ClickException when the database is unavailable.
    """
    _check_file(url)
    try:
        engine = create_database_engine(url)
    except ValueError as error:
        raise UsageError(f"--database: {error}") from error
    try:
        ready = engine if writing else engine.execution_options(concord_read=True)
        with translate_database_errors(), ready.begin() as connection:
            yield connection
    except (DatabaseUnavailable, DBAPIError) as error:
        raise _unusable("database", error.__cause__ or error) from error
    finally:
        engine.dispose()


def _check_file(url: str) -> None:
    """Raises UsageError for text that is no URL, and for an SQLite file that does not exist."""
    parsed = parsed_url(url, "sqlite:////folder/routing.db or postgresql+psycopg2://…")
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        raise UsageError(f"No database at {parsed.database}: start its service once, or correct --home or --database.")


def _unusable(what: str, cause: BaseException) -> click.ClickException:
    """Return an error with the driver's own reason, without the statement."""
    reason = " ".join(str(getattr(cause, "orig", None) or cause).split()) or type(cause).__name__
    return click.ClickException(f"The {what} cannot be used: {reason}")
