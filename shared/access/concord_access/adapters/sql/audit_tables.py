"""The table of audit entries, with triggers that allow new entries at the end and no other change."""

from typing import Any

from sqlalchemy import BigInteger, Column, Integer, MetaData, Table, Text, event
from sqlalchemy.engine import Connection

metadata = MetaData()

audit_entries = Table(
    "audit_entries",
    metadata,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    Column("at", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("details", Text, nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
)

_SQLITE = (
    """CREATE TRIGGER audit_entries_no_update BEFORE UPDATE ON audit_entries
    BEGIN SELECT RAISE(ABORT, 'audit entries cannot be changed'); END""",
    """CREATE TRIGGER audit_entries_no_delete BEFORE DELETE ON audit_entries
    BEGIN SELECT RAISE(ABORT, 'audit entries cannot be deleted'); END""",
    # INSERT OR REPLACE deletes without the trigger above.
    """CREATE TRIGGER audit_entries_at_the_end BEFORE INSERT ON audit_entries
    WHEN NEW.seq IS NOT (SELECT coalesce(max(seq), 0) + 1 FROM audit_entries)
    BEGIN SELECT RAISE(ABORT, 'audit entries are added at the end only'); END""",
)
_POSTGRESQL = (
    """CREATE FUNCTION audit_entries_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'audit entries cannot be changed or deleted'; END $$""",
    """CREATE TRIGGER audit_entries_no_change BEFORE UPDATE OR DELETE ON audit_entries
    FOR EACH ROW EXECUTE FUNCTION audit_entries_refuse()""",
    """CREATE TRIGGER audit_entries_no_truncate BEFORE TRUNCATE ON audit_entries
    FOR EACH STATEMENT EXECUTE FUNCTION audit_entries_refuse()""",
)

_GUARDS = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}


@event.listens_for(audit_entries, "after_create")
def _guard(_table: Table, connection: Connection, **_: Any) -> None:
    for statement in _GUARDS[connection.dialect.name]:
        connection.exec_driver_sql(statement)


@event.listens_for(audit_entries, "after_drop")
def _unguard(_table: Table, connection: Connection, **_: Any) -> None:
    if connection.dialect.name == "postgresql":  # SQLite's triggers go with their table
        connection.exec_driver_sql("DROP FUNCTION IF EXISTS audit_entries_refuse()")


def create_v1(op: Any) -> None:
    """Create the table of version 1 with its triggers if it is missing; for a service's migration."""
    metadata.create_all(op.get_bind())


def drop_v1(op: Any) -> None:
    """Drop the table with all entries."""
    metadata.drop_all(op.get_bind())
