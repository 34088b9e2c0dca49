"""A service's database, opened beside the service while that may be running."""

import time
from collections.abc import Callable
from pathlib import Path
from time import monotonic
from typing import TypeVar

from sqlalchemy import inspect
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from concord_access.audit import AuditLog, SqlAudit
from concord_bus.adapters.sql.database import Database, away_when_lost
from concord_bus.domain.errors import DatabaseUnavailable
from concord_bus.ports import Parking
from concord_cli.common.errors import UsageError
from concord_cli.up.databases import postgres_urls

PATIENCE_SECONDS = 15.0
"""The service writes often and holds its lock briefly: keep trying this long for a turn."""
NEEDED = ("parked", "waiting", "operator_actions", "audit_entries")

T = TypeVar("T")


class DatabaseAway(UsageError):
    """Exit code 1: nothing is wrong with the call."""

    exit_code = 1


class Store:
    """Short transactions on one service's parked messages and its audit."""

    def __init__(self, service: str, url: str) -> None:
        self._service = service
        self._database = Database(url, SqlAudit)

    def read(self, act: Callable[[Parking], T]) -> T:
        """What `act` gives. Raises DatabaseAway."""
        return self._try(lambda: self._read(act))

    def write(self, act: Callable[[Parking, AuditLog], T]) -> T:
        """What `act` gives, once it is committed. Raises DatabaseAway; then nothing has changed."""
        return self._try(lambda: self._write(act))

    def check(self) -> None:
        """Raises UsageError when the tables are not there, DatabaseAway when the database is not."""
        missing = self._try(self._missing)
        if missing:
            raise UsageError(
                f"The database of {self._service} has no table {missing[0]}: start the service once in this version, "
                "which brings its database up to date, or correct --database."
            )

    def close(self) -> None:
        self._database.dispose()

    def _read(self, act: Callable[[Parking], T]) -> T:
        with self._database.read() as (tx, _):
            return act(tx)

    def _write(self, act: Callable[[Parking, AuditLog], T]) -> T:
        with self._database.begin() as (tx, audit):
            return act(tx, audit)

    def _missing(self) -> list[str]:
        reading = self._database.engine.execution_options(concord_read=True)
        with away_when_lost(), reading.connect() as connection:
            there = inspect(connection).get_table_names()
        return [name for name in NEEDED if name not in there]

    def _try(self, act: Callable[[], T]) -> T:
        until = monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return act()
            except DatabaseUnavailable as away:
                if monotonic() > until:
                    raise self._away(away.__cause__ or away) from away
                time.sleep(0.2)
            except DBAPIError as error:  # such as: this file is no database
                raise self._away(error) from error

    def _away(self, cause: BaseException) -> DatabaseAway:
        """In the driver's words, without the statement."""
        words = " ".join(str(getattr(cause, "orig", None) or cause).split())
        return DatabaseAway(f"The database of {self._service} cannot be used: {words}")


def open_store(service: str, database: str | None, home: Path) -> Store:
    """The service's database: `database`, else the file in the home folder of a local run. Raises UsageError."""
    url = service_url(service, database) if database else f"sqlite:///{home.absolute() / service / service}.db"
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        raise UsageError(
            f"There is no database at {parsed.database}: give --database URL, or --home with the folder of a local run."
        )
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


def service_url(service: str, database: str) -> str:
    """A database's URL as it is; a server's (ending in `/`) with the service's database. Raises UsageError."""
    try:
        parsed = make_url(database)
    except ArgumentError:
        raise UsageError(
            "--database must look like sqlite:////folder/file.db or postgresql+psycopg2://user:password@host:5432/name"
        ) from None
    if parsed.get_backend_name() != "sqlite" and not parsed.database:
        return postgres_urls(database)[service]
    return database
