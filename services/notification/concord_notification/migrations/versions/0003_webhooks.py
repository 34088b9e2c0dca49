"""Webhooks: the endpoints, the events kept for them, and the deliveries."""

import sqlalchemy as sa
from alembic import op

from concord_bus.adapters.sql.column_types import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

DUE = sa.text("state = 'due'")


def upgrade() -> None:
    _create_endpoints()
    op.create_table(
        "webhook_events",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("queued_at", UtcDateTime, nullable=False),
    )
    op.create_index("webhook_events_queued", "webhook_events", ["queued_at"])
    _create_deliveries()


def downgrade() -> None:
    for table in ("webhook_deliveries", "webhook_events", "webhook_endpoints"):
        op.drop_table(table)


def _create_endpoints() -> None:
    op.create_table(
        "webhook_endpoints",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("url", sa.Text, nullable=False),
        sa.Column("types", sa.Text, nullable=False),
        sa.Column("areas", sa.Text),
        sa.Column("categories", sa.Text),
        sa.Column("sealed", sa.Text, nullable=False),
        sa.Column("created_at", UtcDateTime, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("why", sa.Text),
        sa.Column("disabled_at", UtcDateTime),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("rest_until", UtcDateTime),
        sa.Column("told_at", UtcDateTime),
        sa.Column("claim", sa.Text),
        sa.Column("claimed_until", UtcDateTime),
    )
    op.create_index("webhook_endpoints_name", "webhook_endpoints", ["name"], unique=True)


def _create_deliveries() -> None:
    table = "webhook_deliveries"
    op.create_table(
        table,
        sa.Column("endpoint_id", sa.Text, primary_key=True),
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("event_type", sa.Text, nullable=False),
        sa.Column("queued_at", UtcDateTime, nullable=False),
        sa.Column("not_before", UtcDateTime, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("failure", sa.Text),
        sa.Column("result", sa.Text),
        sa.Column("finished_at", UtcDateTime),
    )
    due = "webhook_deliveries_due"
    op.create_index(due, table, ["endpoint_id", "not_before"], sqlite_where=DUE, postgresql_where=DUE)
    op.create_index("webhook_deliveries_listed", table, ["endpoint_id", "state", "queued_at", "event_id"])
    op.create_index("webhook_deliveries_event", table, ["event_id"])
    op.create_index("webhook_deliveries_finished", table, ["state", "finished_at"])
