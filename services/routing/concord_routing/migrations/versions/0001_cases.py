"""The tables of the bus, cases and tasks."""

import sqlalchemy as sa
from alembic import op

from concord_bus.adapters.sql import schema
from concord_bus.adapters.sql.column_types import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    schema.create_v1(op)
    _create_cases()
    op.create_table(
        "outcomes",
        sa.Column("outcome", sa.Text, primary_key=True),
        sa.Column("cases", sa.BigInteger, nullable=False),
    )
    op.create_table(
        "tasks",
        sa.Column("seq", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("case_id", sa.Text, nullable=False, unique=True),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("opened_at", UtcDateTime, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("tasks_state", "tasks", ["state", "seq"])


def downgrade() -> None:
    for table in ("tasks", "outcomes", "cases"):
        op.drop_table(table)
    schema.drop_v1(op)


def _create_cases() -> None:
    op.create_table(
        "cases",
        sa.Column("seq", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("case_id", sa.Text, nullable=False, unique=True),
        sa.Column("concern_id", sa.Text, nullable=False, unique=True),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("border", sa.Boolean, nullable=False),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("decided_at", UtcDateTime, nullable=False),
        sa.Column("submission", sa.Text, nullable=False),
        sa.Column("area", sa.Text),
        sa.Column("team", sa.Text),
        sa.Column("reason", sa.Text),
        sa.Column("acknowledge_by", UtcDateTime),
        sa.Column("respond_by", UtcDateTime),
        sa.Column("sequence", sa.Integer, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index("cases_team", "cases", ["team", "seq"])
    op.create_index("cases_area", "cases", ["area", "seq"])
