"""Adds the table of the operators' actions."""

from alembic import op

from concord_bus.adapters.sql import schema

revision = "0002"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    schema.create_v2(op)


def downgrade() -> None:
    schema.undo_v2(op)
