"""Concerns, the keys and lines that make them once only, and what routing did with them."""

import sqlalchemy as sa
from alembic import op

from concord_bus.adapters.sql import schema
from concord_bus.adapters.sql.column_types import UtcDateTime

revision = "0001"
down_revision = None


def upgrade() -> None:
    schema.create_v1(op)
    _create_concerns()
    op.create_table(
        "idempotency_keys",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("concern_id", sa.Text, nullable=False),
        sa.Column("claimed_at", UtcDateTime, nullable=False),
    )
    op.create_index("idempotency_keys_claimed_at", "idempotency_keys", ["claimed_at"])
    op.create_table(
        "imported_lines",
        sa.Column("source", sa.Text, primary_key=True),
        sa.Column("line_id", sa.Text, primary_key=True),
        sa.Column("concern_id", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    _create_steps()


def downgrade() -> None:
    for table in ("steps", "imported_lines", "idempotency_keys", "concerns"):
        op.drop_table(table)
    schema.drop_v1(op)


def _create_concerns() -> None:
    op.create_table(
        "concerns",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("receipt_hash", sa.LargeBinary, nullable=False),
        sa.Column("category", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("lon", sa.Float),
        sa.Column("lat", sa.Float),
        sa.Column("address", sa.Text),
        sa.Column("occurred_at", UtcDateTime),
        sa.Column("received_at", UtcDateTime, nullable=False),
        sa.Column("contact_given", sa.Boolean, nullable=False),
    )
    given = sa.text("contact_given")
    op.create_index("concerns_with_contact", "concerns", ["id"], sqlite_where=given, postgresql_where=given)


def _create_steps() -> None:
    op.create_table(
        "steps",
        sa.Column("concern_id", sa.Text, primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("status", sa.Text, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("team", sa.Text),
        sa.Column("team_name", sa.Text),
        sa.Column("acknowledge_by", UtcDateTime),
        sa.Column("respond_by", UtcDateTime),
        sa.Column("reason", sa.Text),
        sqlite_with_rowid=False,
    )
