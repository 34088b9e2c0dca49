"""Store the case, the category and the promise of a decision; the lines of digests for teams."""

import sqlalchemy as sa
from alembic import op

from concord_bus.adapters.sql.column_types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
works_from = "0004"

OF_DECISIONS = {"case_id": sa.Text, "category": sa.Text, "promise_id": sa.Text, "asked_at": UtcDateTime}


def upgrade() -> None:
    for name, kind in OF_DECISIONS.items():
        op.add_column("decisions", sa.Column(name, kind))
    op.create_table(
        "digest_lines",
        sa.Column("cause_id", sa.Text, primary_key=True),
        sa.Column("concern_id", sa.Text, nullable=False),
        sa.Column("team", sa.Text, nullable=False),
        sa.Column("digest_id", sa.Text),
    )
    op.create_index("digest_lines_team", "digest_lines", ["team", "digest_id"])
    op.create_index("digest_lines_digest", "digest_lines", ["digest_id"])


def downgrade() -> None:
    """The events that wait for a digest are lost: no team hears of them."""
    op.drop_table("digest_lines")
    for name in reversed(OF_DECISIONS):
        op.drop_column("decisions", name)
