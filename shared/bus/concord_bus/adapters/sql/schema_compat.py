"""The table in which each migration notes the oldest code that works on its schema.

A revision declares it in its file: `works_from = "0005"` names the newest revision of that code. Without the
declaration the schema works with its own code alone.
"""

from collections.abc import Sequence
from typing import Any

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Column, MetaData, Table, Text, delete, insert, inspect, select
from sqlalchemy.engine import Connection

from concord_bus.domain.schema import SchemaState

DECLARATION = "works_from"

_metadata = MetaData()
schema_compat = Table(
    "alembic_version_compat",
    _metadata,
    Column("version_table", Text, primary_key=True),
    Column("revision", Text, nullable=False),
    Column("works_from", Text),
)


def revisions(config: Config) -> Sequence[str]:
    """Return the revisions of a package, oldest first."""
    return [script.revision for script in reversed(list(ScriptDirectory.from_config(config).walk_revisions()))]


def state_of(connection: Connection, of: str, version_table: str) -> SchemaState:
    """Return the state of one sequence of migrations in the database."""
    tables = inspect(connection)
    if not tables.has_table(version_table):
        return SchemaState(of, None)
    current = connection.exec_driver_sql(f"SELECT version_num FROM {version_table}").scalar()
    if current is None or not tables.has_table(schema_compat.name):
        return SchemaState(of, current)
    noted = select(schema_compat.c.works_from).where(
        schema_compat.c.version_table == version_table, schema_compat.c.revision == current
    )
    return SchemaState(of, current, connection.scalar(noted))


def note(connection: Connection, version_table: str, step: Any) -> None:
    """Note what the revision of a migration step declares, in the transaction of the step.

    `step` is Alembic's; after a step down to nothing there is nothing to note.
    """
    _metadata.create_all(connection)
    connection.execute(delete(schema_compat).where(schema_compat.c.version_table == version_table))
    after = step.up_revision if step.is_upgrade else next(iter(step.down_revisions), None)
    if after is not None:
        declared = getattr(after.module, DECLARATION, None)
        row = {"version_table": version_table, "revision": after.revision, "works_from": declared}
        connection.execute(insert(schema_compat).values(row))
