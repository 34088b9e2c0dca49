"""Commands on cases: their state, version and history, and idempotency keys.

`state` is the new name of the column `status`. Until the first command, both mean the same.
"""

import sqlalchemy as sa
from alembic import op

from concord_bus.adapters.sql.column_types import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

INDEXES = {
    "cases_state": ["state", "seq"],
    "cases_due": ["respond_by", "seq"],
    "cases_state_due": ["state", "respond_by", "seq"],
}


def upgrade() -> None:
    op.execute("ALTER TABLE cases RENAME COLUMN status TO state")
    op.add_column("cases", sa.Column("version", sa.Integer, nullable=False, server_default="1"))
    for name, columns in INDEXES.items():
        op.create_index(name, "cases", columns)
    _create_history()
    op.create_table(
        "idempotency_keys",
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("claimed_at", UtcDateTime, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("answer", sa.Text, nullable=False),
    )
    op.create_index("idempotency_keys_claimed_at", "idempotency_keys", ["claimed_at"])


def downgrade() -> None:
    """Go back to cases without commands. This loses their history."""
    op.drop_table("idempotency_keys")
    op.drop_table("history")
    for name in INDEXES:
        op.drop_index(name, "cases")
    op.execute("ALTER TABLE cases DROP COLUMN version")
    op.execute("ALTER TABLE cases RENAME COLUMN state TO status")
    op.execute("UPDATE cases SET status = CASE WHEN reason IS NULL THEN 'routed' ELSE 'triage' END")


def _create_history() -> None:
    op.create_table(
        "history",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sa.Column("actor", sa.Text, nullable=False),
        sa.Column("command", sa.Text, nullable=False),
        sa.Column("before", sa.Text, nullable=False),
        sa.Column("after", sa.Text, nullable=False),
        sa.Column("reason", sa.Text),
        sa.Column("message", sa.Text),
        sa.Column("where_to_go", sa.Text),
        sa.Column("referred_to", sa.Text),
        sa.Column("from_team", sa.Text),
        sa.Column("team", sa.Text),
        sqlite_with_rowid=False,
    )
