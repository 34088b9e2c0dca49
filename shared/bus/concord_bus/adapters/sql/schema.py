"""The tables of the bus for Alembic migrations. A released version never changes.

A service's first migration creates version 1. The bus has its own migrations for later versions, in
`concord_bus/migrations`. They run after the service's, in every service's database, with their own version table.
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
    """Create the tables of version 1, in each service's first migration."""
    t.metadata.create_all(op.get_bind(), tables=_V1)
    _v1_only.create_all(op.get_bind())


def drop_v1(op: Any) -> None:
    """Drop the tables of version 1."""
    t.metadata.drop_all(op.get_bind(), tables=_V1)
    _v1_only.drop_all(op.get_bind())


def create_v2(op: Any) -> None:
    """Create one table for all operators' actions, and move the actions on parked messages to it."""
    t.metadata.create_all(op.get_bind(), tables=[t.operator_actions])
    if inspect(op.get_bind()).has_table(parked_audit.name):
        op.execute(
            "INSERT INTO operator_actions (at, actor, action, subject, note)"
            " SELECT at, actor, action, 'parked/' || parked_id, note FROM parked_audit ORDER BY id"
        )
        op.drop_table(parked_audit.name)


def undo_v2(op: Any) -> None:
    """Return to version 1, and keep the operators' actions on parked messages."""
    _v1_only.create_all(op.get_bind())
    op.execute(
        "INSERT INTO parked_audit (parked_id, at, action, actor, note)"
        " SELECT CAST(substr(subject, 8) AS BIGINT), at, action, actor, note FROM operator_actions"
        " WHERE subject LIKE 'parked/%' ORDER BY id"
    )
    op.drop_table(t.operator_actions.name)
