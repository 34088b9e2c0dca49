"""The spine's tables for Alembic migrations: each version stays as it was released.

A service's first migration makes version 1. Later versions are the spine's own migrations, in `concord_bus/migrations`:
they run after the service's, in every service's database, and are counted in a version table of their own.
"""

from typing import Any

from sqlalchemy import Column, Float, MetaData, Table, Text, inspect

from concord_bus.adapters.sql import tables as t

PACKAGE = "concord_bus"
VERSION_TABLE = "alembic_version_spine"

_v1_only = MetaData()

parked_audit = Table(
    "parked_audit",
    _v1_only,
    Column("id", t.Serial, primary_key=True, autoincrement=True),
    Column("parked_id", t.Serial, nullable=False),
    Column("at", Float, nullable=False),
    Column("action", Text, nullable=False),
    Column("actor", Text, nullable=False),
    Column("note", Text, nullable=False),
    sqlite_autoincrement=True,
)

_V1 = (t.outbox, t.inbox, t.waiting, t.suspects, t.parked)


def create_v1(op: Any) -> None:
    """Create the spine's tables of version 1; called by each service's first migration."""
    t.metadata.create_all(op.get_bind(), tables=_V1)
    _v1_only.create_all(op.get_bind())


def drop_v1(op: Any) -> None:
    """Remove them."""
    t.metadata.drop_all(op.get_bind(), tables=_V1)
    _v1_only.drop_all(op.get_bind())


def create_v2(op: Any) -> None:
    """One table for all that operators do, in place of one for parked messages; what was in that is kept."""
    t.metadata.create_all(op.get_bind(), tables=[t.operator_actions])
    if inspect(op.get_bind()).has_table(parked_audit.name):
        op.execute(
            "INSERT INTO operator_actions (at, actor, action, subject, note)"
            " SELECT at, actor, action, 'parked/' || parked_id, note FROM parked_audit ORDER BY id"
        )
        op.drop_table(parked_audit.name)


def undo_v2(op: Any) -> None:
    """Back to version 1; what operators did to parked messages is kept."""
    _v1_only.create_all(op.get_bind())
    op.execute(
        "INSERT INTO parked_audit (parked_id, at, action, actor, note)"
        " SELECT CAST(substr(subject, 8) AS BIGINT), at, action, actor, note FROM operator_actions"
        " WHERE subject LIKE 'parked/%' ORDER BY id"
    )
    op.drop_table(t.operator_actions.name)
