"""Where `concord token` and `concord audit` find a service's database, and the server key of the API keys."""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy import Engine
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError

from concord_access.domain.api_key import SMALLEST_PEPPER
from concord_access.settings import PEPPER
from concord_bus.adapters.sql.database import away_when_lost, create_database_engine
from concord_bus.domain.errors import DatabaseUnavailable
from concord_bus.settings import SettingsError, optional
from concord_cli.common.errors import UsageError
from concord_cli.common.home_folder import write_private

INVENTORY = "home.json"


class Failed(click.ClickException):
    """The call was right but could not be carried out. Exit code 1."""

    exit_code = 1


def home_database(home: Path, service: str) -> str:
    """The URL of a service's SQLite file in a home folder. Raises UsageError when there is none."""
    if not (home / INVENTORY).exists():
        raise UsageError(f"{home} is not the home folder of a local run: give --home or --database.")
    file = home.absolute() / service / f"{service}.db"
    if not file.exists():
        raise UsageError(f"{file} does not exist: start `concord up` once, or give --database (PostgreSQL).")
    return f"sqlite:///{file}"


@contextmanager
def opened(url: str, *, writing: bool) -> Iterator[Connection]:
    """A transaction on an existing database. Raises UsageError for its address, Failed when it cannot be used."""
    engine = _engine(url)
    try:
        ready = engine if writing else engine.execution_options(concord_read=True)
        with away_when_lost(), ready.begin() as connection:
            yield connection
    except DatabaseUnavailable as error:
        cause = error.__cause__
        raise Failed(f"The database cannot be used: {_first_line(cause)}. Is it there, and free?") from error
    except DBAPIError as error:
        raise Failed(f"The database says: {_first_line(error)}.") from error
    finally:
        engine.dispose()


def pepper(home: Path | None, *, new: bool) -> bytes:
    """The server key: from CONCORD_ACCESS_KEY (or its file), else from the home folder, made there when `new`.

    Raises UsageError when there is none: keys that exist need the one that they were issued with.
    """
    try:
        given = optional(os.environ, PEPPER)
    except SettingsError as error:
        raise UsageError(str(error)) from error
    if given is None and home is not None:
        given = _of_home(home / "keys" / "access", new=new)
    if given is None:
        raise UsageError(f"Set {PEPPER} (or {PEPPER}_FILE) to the server key that the services have.")
    if len(given.encode()) < SMALLEST_PEPPER:
        raise UsageError(f"{PEPPER} must be at least {SMALLEST_PEPPER} characters of a random text.")
    return given.encode()


def _of_home(file: Path, *, new: bool) -> str:
    if not file.exists():
        if not new:
            raise UsageError(f"{file} is missing, and the keys issued with it need it: restore it.")
        file.parent.mkdir(mode=0o700, exist_ok=True)
        write_private(file, secrets.token_urlsafe(32) + "\n")
    return file.read_text("ascii").strip()


def _engine(url: str) -> Engine:
    try:
        parsed = make_url(url)
        engine = create_database_engine(url)
    except (ArgumentError, ValueError):
        raise UsageError("--database must look like sqlite:////folder/routing.db or postgresql+psycopg2://…") from None
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        raise UsageError(f"There is no database {parsed.database}: start its service once.")
    return engine


def _first_line(error: BaseException | None) -> str:
    cause = getattr(error, "orig", error)
    return (str(cause).strip().splitlines() or [type(cause).__name__])[0].rstrip(".")
