"""Audit of rebuilds."""

from alembic import op

from concord_access.adapters.sql import audit_tables

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    audit_tables.create_v1(op)


def downgrade() -> None:
    """Delete the audit."""
    audit_tables.drop_v1(op)
