"""Sessions of officers who signed in at the desk."""

import sqlalchemy as sa
from alembic import op

from concord_bus.adapters.sql.column_types import UtcDateTime

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
works_from = "0005"


def upgrade() -> None:
    op.create_table(
        "desk_sessions",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("csrf", sa.Text, nullable=False),
        sa.Column("started_at", UtcDateTime, nullable=False),
        sa.Column("seen_at", UtcDateTime, nullable=False),
        sa.Column("groups", sa.Text, nullable=False),
        sa.Column("key_prefix", sa.Text),
    )
    op.create_index("desk_sessions_seen_at", "desk_sessions", ["seen_at"])
    op.create_index("desk_sessions_subject", "desk_sessions", ["subject"])


def downgrade() -> None:
    """Signs everybody out."""
    op.drop_table("desk_sessions")
