"""Message tables, facts and their aggregates."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from concord_bus.adapters.sql import schema
from concord_bus.adapters.sql.column_types import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

COUNTS = "received routed unroutable in_triage border open measured notified notification_failed"
TIMES = ("route", "acknowledge")
BUCKETS = 17


def upgrade() -> None:
    schema.create_v1(op)
    _create_facts()
    key = [sa.Column(column.name, column.type, nullable=False, primary_key=True) for column in _group()]
    day = sa.Column("day", sa.Date, nullable=False, primary_key=True)
    op.create_table("daily", day, *key, *_sums(), sqlite_with_rowid=False)
    serial = sa.BigInteger().with_variant(sa.Integer, "sqlite")
    counted = sa.Column("id", serial, primary_key=True, autoincrement=True)
    op.create_table("overall", counted, *_group(), *_sums(), sqlite_autoincrement=True)
    op.create_index("overall_group", "overall", ["area", "category", "channel", "team"], unique=True)
    op.create_table(
        "days",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("time_zone", sa.Text, nullable=False),
    )


def downgrade() -> None:
    for table in ("days", "overall", "daily", "facts"):
        op.drop_table(table)
    schema.drop_v1(op)


def _create_facts() -> None:
    op.create_table(
        "facts",
        sa.Column("concern_id", sa.Text, primary_key=True),
        sa.Column("told_by", sa.Integer),
        sa.Column("received_at", UtcDateTime),
        sa.Column("category", sa.Text),
        sa.Column("channel", sa.Text),
        sa.Column("occurred_at", UtcDateTime),
        sa.Column("sequence", sa.BigInteger),
        sa.Column("area", sa.Text),
        sa.Column("team", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("routed_at", UtcDateTime),
        sa.Column("unroutable_at", UtcDateTime),
        sa.Column("border", sa.Boolean, nullable=False, server_default="0"),
        sa.Column("acknowledged_at", UtcDateTime),
        sa.Column("failed_at", UtcDateTime),
        sqlite_with_rowid=False,
    )
    op.create_index("facts_received_at", "facts", ["received_at"])


def _group() -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=False) for name in ("area", "category", "channel", "team")]


def _sums() -> list[sa.Column[Any]]:
    buckets = [f"{name}_{index:02}" for name in TIMES for index in range(BUCKETS)]
    names = (*COUNTS.split(), *(f"{name}_us" for name in TIMES), *buckets)
    return [sa.Column(name, sa.BigInteger, nullable=False, server_default="0") for name in names]
