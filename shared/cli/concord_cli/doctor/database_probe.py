"""Reads of the schema version in a service's database."""

from pathlib import Path

from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError

from concord_bus.adapters.sql import schema
from concord_bus.adapters.sql.database import create_database_engine
from concord_bus.adapters.sql.database_errors import translate_database_errors
from concord_bus.adapters.sql.migrate import SERVICE_VERSION_TABLE, alembic_config
from concord_bus.adapters.sql.schema_compat import revisions, state_of
from concord_bus.adapters.sql.tls_faults import tls_fault
from concord_bus.domain.errors import DatabaseUnavailable
from concord_cli.doctor.findings import Finding, problem, warning
from concord_cli.doctor.schema_rules import Schema, check_schema


def examine_database(service: str, url: str) -> Finding:
    """Return whether the database is reachable and has the schema of this version."""
    about, package = f"database of {service}", f"concord_{service}"
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite" and not Path(parsed.database or "").is_file():
        return problem(about, f"there is no file {parsed.database}", f"Start {service}, or correct --database.")
    try:
        migrations = [
            (service, SERVICE_VERSION_TABLE, revisions(alembic_config(package))),
            ("spine", schema.VERSION_TABLE, revisions(alembic_config(schema.PACKAGE))),
        ]
    except ModuleNotFoundError:
        remedy = f"Run this command on a machine with {package}."
        return warning(about, f"{package} is not installed, so its schema is unknown", remedy)
    try:
        engine = create_database_engine(url)
    except ValueError as error:
        return problem(about, str(error), "Correct --database.")
    try:
        with translate_database_errors(), engine.execution_options(concord_read=True).connect() as connection:
            schemas = [Schema(state_of(connection, name, table), known) for name, table, known in migrations]
    except (DatabaseUnavailable, DBAPIError) as error:
        cause = error.__cause__ if isinstance(error, DatabaseUnavailable) else error
        text = str(getattr(cause, "orig", error)).strip()
        reason = tls_fault(text) or text.partition("\n")[0]
        return problem(about, f"cannot be reached: {reason}", "Start the database, or correct --database.")
    finally:
        engine.dispose()
    return check_schema(service, schemas)
