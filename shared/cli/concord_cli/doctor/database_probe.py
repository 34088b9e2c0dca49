"""Asking a service's database for its schema version. Nothing is written."""

from collections.abc import Collection
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text
from sqlalchemy.engine import Connection, make_url
from sqlalchemy.exc import DBAPIError

from concord_bus.adapters.sql import schema
from concord_bus.adapters.sql.database import away_when_lost, create_database_engine
from concord_bus.adapters.sql.migrate import SERVICES_OWN, scripts_of
from concord_bus.domain.errors import DatabaseUnavailable
from concord_cli.doctor.findings import Finding, problem, warning
from concord_cli.doctor.schema_rules import Schema, judge_schema


def examine_database(service: str, url: str) -> Finding:
    """Whether it can be reached and has the schema of this version."""
    about, package = f"database of {service}", f"concord_{service}"
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        return problem(about, f"there is no file {parsed.database}", f"Start {service}, or correct --database.")
    try:
        lines = [
            (service, SERVICES_OWN, *_packaged(package)),
            ("spine", schema.VERSION_TABLE, *_packaged(schema.PACKAGE)),
        ]
    except ModuleNotFoundError:
        remedy = "Look from where it is installed."
        return warning(about, f"{package} is not installed here, so its schema is not known", remedy)
    try:
        engine = create_database_engine(url)
    except ValueError as error:
        return problem(about, str(error), "Correct --database.")
    try:
        with away_when_lost(), engine.execution_options(concord_read=True).connect() as connection:
            schemas = [Schema(of, _version(connection, table), newest, known) for of, table, newest, known in lines]
    except (DatabaseUnavailable, DBAPIError) as error:
        cause = error.__cause__ if isinstance(error, DatabaseUnavailable) else error
        first = str(getattr(cause, "orig", error)).strip().partition("\n")[0]
        return problem(about, f"cannot be reached: {first}", "Start the database, or correct --database.")
    finally:
        engine.dispose()
    return judge_schema(service, schemas)


def _packaged(package: str) -> tuple[str, Collection[str]]:
    """The newest version and all versions. Raises ModuleNotFoundError."""
    scripts = ScriptDirectory.from_config(scripts_of(package))
    return scripts.get_current_head() or "", {each.revision for each in scripts.walk_revisions()}


def _version(connection: Connection, table: str) -> str | None:
    if not inspect(connection).has_table(table):
        return None
    found = connection.execute(text(f"SELECT version_num FROM {table}")).scalar()
    return None if found is None else str(found)
