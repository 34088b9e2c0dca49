"""The spine, the concerns with their contacts, and the deliveries.

Revision ID: 0001
"""

import sqlalchemy as sa
from alembic import op

from concord_bus.adapters.sql import schema
from concord_bus.adapters.sql.column_types import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    schema.create_v1(op)
    _create_concerns()
    _create_deliveries()


def downgrade() -> None:
    op.drop_table("deliveries")
    op.drop_table("concerns")
    schema.drop_v1(op)


def _create_concerns() -> None:
    op.create_table(
        "concerns",
        sa.Column("concern_id", sa.Text, primary_key=True),
        sa.Column("contact_id", sa.Text),
        sa.Column("contact_sequence", sa.Integer),
        sa.Column("language", sa.Text),
        sa.Column("sealed", sa.Text),
        sa.Column("given_at", UtcDateTime),
        sa.Column("decision_id", sa.Text),
        sa.Column("decision_sequence", sa.Integer),
        sa.Column("kind", sa.Text),
        sa.Column("decided_at", UtcDateTime),
        sa.Column("correlation_id", sa.Text),
        sa.Column("traceparent", sa.Text),
        sa.Column("area", sa.Text),
        sa.Column("team", sa.Text),
        sa.Column("team_name", sa.Text),
        sa.Column("acknowledge_by", UtcDateTime),
        sa.Column("respond_by", UtcDateTime),
        sa.Column("reason", sa.Text),
        sa.Column("events", sa.Integer, nullable=False, server_default=sa.text("0")),
    )
    _partial_index("concerns_contact", "concerns", ["concern_id"], "contact_id IS NOT NULL")


def _create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("concern_id", sa.Text, nullable=False),
        sa.Column("contact_id", sa.Text, nullable=False),
        sa.Column("cause_id", sa.Text, nullable=False),
        sa.Column("language", sa.Text, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("not_before", UtcDateTime, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("uncertain", sa.Boolean, nullable=False),
        sa.Column("claim", sa.Text),
        sa.Column("failure", sa.Text),
        sa.Column("finished_at", UtcDateTime),
    )
    op.create_index("deliveries_concern", "deliveries", ["concern_id"])
    op.create_index("deliveries_state", "deliveries", ["state", "due_at", "id"])
    _partial_index("deliveries_open", "deliveries", ["not_before", "id"], "state IN ('due', 'sending')")
    _partial_index("deliveries_uncertain", "deliveries", ["id"], "uncertain")


def _partial_index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))
