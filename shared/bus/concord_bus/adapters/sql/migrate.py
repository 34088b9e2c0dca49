"""Migrates a service's database to the newest schema at the start."""

import fcntl
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection, make_url

from concord_bus.adapters.sql import schema
from concord_bus.adapters.sql.database import create_database_engine
from concord_bus.adapters.sql.database_errors import translate_database_errors
from concord_bus.adapters.sql.schema_compat import revisions, state_of
from concord_bus.domain.errors import IncompatibleSchema, SchemaNotReady, UnsupportedDatabase
from concord_bus.domain.schema import Verdict, judge, refusal

SERVICE_VERSION_TABLE = "alembic_version"
LOCK = zlib.crc32(b"concord migrations")
LOCK_SECONDS = 2
"""The longest wait of a migration for a table: every statement that comes later waits behind it."""


@dataclass(frozen=True, slots=True)
class Source:
    """One sequence of migrations: its package, the table of its version, and what it migrates, in words."""

    package: str
    version_table: str
    of: str


def sources_of(package: str) -> Sequence[Source]:
    """Return the migrations of a service's package, then those of the bus."""
    own = Source(package, SERVICE_VERSION_TABLE, f"the schema of {package}")
    return (own, Source(schema.PACKAGE, schema.VERSION_TABLE, "the schema of the bus"))


def upgrade(url: str, package: str, *, wait: bool = False) -> None:
    """Run the migrations of `package` (such as `concord_intake`), then those of the bus, in one process at a time.

    A newer schema that declares this version as compatible stays as it is. With `wait` every schema does.

    Raises DatabaseUnavailable for a database that does not respond, UnsupportedDatabase for another encoding than
    UTF-8, IncompatibleSchema for a newer schema, and with `wait` SchemaNotReady for an older one.
    """
    engine = create_database_engine(url)
    try:
        with _sqlite_lock(url), translate_database_errors(), engine.connect() as connection:
            _check_encoding(connection)
            if wait:
                _require(_outdated(connection, package))
            else:
                _upgrade(connection, package)
    finally:
        engine.dispose()


def _require(outdated: Sequence[Source]) -> None:
    for source in outdated:
        raise SchemaNotReady(f"{source.of} is older than {head_revision(source.package)}")


def _outdated(connection: Connection, package: str) -> Sequence[Source]:
    """Return the migrations to run. Raises IncompatibleSchema before any of them has run."""
    outdated = []
    for source in sources_of(package):
        state = state_of(connection, source.of, source.version_table)
        known = revisions(alembic_config(source.package))
        verdict = judge(state, known)
        if verdict is Verdict.INCOMPATIBLE:
            raise IncompatibleSchema(refusal(state, known))
        if verdict is Verdict.OLDER:
            outdated.append(source)
    connection.rollback()
    return outdated


def alembic_config(package: str) -> Config:
    """Return Alembic's configuration for the migrations of a package."""
    config = Config()
    folder = str(files(package) / "migrations")
    config.set_main_option("script_location", folder.replace("%", "%%"))  # a configuration file's sign for variables
    return config


def head_revision(package: str) -> str:
    """Return the newest schema version of `package`. Raises ModuleNotFoundError without the package."""
    return ScriptDirectory.from_config(alembic_config(package)).get_current_head() or ""


def _check_encoding(connection: Connection) -> None:
    """Check for UTF-8. A PostgreSQL server without a locale creates databases in SQL_ASCII."""
    if connection.dialect.name == "postgresql":
        encoding = connection.scalar(text("SHOW server_encoding"))
        connection.rollback()
        if encoding != "UTF8":
            raise UnsupportedDatabase


def _upgrade(connection: Connection, package: str) -> None:
    postgres = connection.dialect.name == "postgresql"
    if postgres:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": LOCK})
        connection.commit()
        connection.execute(text(f"SET lock_timeout = '{LOCK_SECONDS}s'"))
        connection.commit()
    try:
        for source in _outdated(connection, package):
            config = alembic_config(source.package)
            config.attributes.update(connection=connection, version_table=source.version_table)
            command.upgrade(config, "head")
            connection.commit()
    finally:
        if postgres:
            connection.rollback()
            connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": LOCK})
            connection.commit()


@contextmanager
def _sqlite_lock(url: str) -> Iterator[None]:
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        yield
        return
    path = Path(parsed.database)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_name(path.name + ".migrate").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
