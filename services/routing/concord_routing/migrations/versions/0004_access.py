"""API keys, the audit, and an index of a team's cases by promised response."""

from alembic import op

from concord_access.adapters.sql import audit_tables, key_tables

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    key_tables.create_v1(op)
    audit_tables.create_v1(op)
    op.create_index("cases_team_due", "cases", ["team", "respond_by", "seq"])


def downgrade() -> None:
    """Loses all keys and the whole audit."""
    op.drop_index("cases_team_due", "cases")
    audit_tables.drop_v1(op)
    key_tables.drop_v1(op)
