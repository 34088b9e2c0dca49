"""Migrates a service's database to the newest schema at the start."""

import fcntl
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text
from sqlalchemy.engine import Connection, make_url

from concord_bus.adapters.sql import schema
from concord_bus.adapters.sql.database import create_database_engine, translate_database_errors
from concord_bus.domain.errors import UnsupportedDatabase

SERVICE_VERSION_TABLE = "alembic_version"
LOCK = zlib.crc32(b"concord migrations")


def upgrade(url: str, package: str) -> None:
    """Run the migrations of `package` (such as `concord_intake`), then those of the bus, in one process at a time.

    Raises DatabaseUnavailable for a database that does not respond, UnsupportedDatabase for another encoding than
    UTF-8.
    """
    engine = create_database_engine(url)
    try:
        with _sqlite_lock(url), translate_database_errors(), engine.connect() as connection:
            _check_encoding(connection)
            _upgrade(connection, package)
    finally:
        engine.dispose()


def alembic_config(package: str) -> Config:
    """Return Alembic's configuration for the migrations of a package."""
    config = Config()
    config.set_main_option("script_location", str(files(package) / "migrations"))
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
    try:
        for source, version_table in ((package, SERVICE_VERSION_TABLE), (schema.PACKAGE, schema.VERSION_TABLE)):
            config = alembic_config(source)
            config.attributes.update(connection=connection, version_table=version_table)
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
