"""The index of receipts, what reporters do with their concerns, their answers' extent, and who looked at a concern.

Concerns from before have null in the index. A worker of the service fills it, because only the service has the keys.
"""

import sqlalchemy as sa
from alembic import op

from concord_bus.adapters.sql.column_types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None
works_from = "0003"


def upgrade() -> None:
    op.add_column("concerns", sa.Column("receipt_index", sa.LargeBinary))
    op.create_index("concerns_receipt_index", "concerns", ["receipt_index"], unique=True)
    missing = sa.text("receipt_index IS NULL")
    op.create_index(
        "concerns_without_receipt_index", "concerns", ["id"], sqlite_where=missing, postgresql_where=missing
    )
    op.add_column("answers", sa.Column("extent", sa.Text))
    op.add_column("answers", sa.Column("fingerprint", sa.LargeBinary))
    op.create_table(
        "reporter_actions",
        sa.Column("concern_id", sa.Text, primary_key=True),
        sa.Column("key", sa.Text, primary_key=True),
        sa.Column("action", sa.Text, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "looks",
        sa.Column("concern_id", sa.Text, primary_key=True),
        sa.Column("part", sa.Text, primary_key=True),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("last_at", UtcDateTime, nullable=False),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Receipts alone find no concern, and answers, added contacts and looks are not shown any more."""
    op.drop_table("looks")
    op.drop_table("reporter_actions")
    for column in ("fingerprint", "extent"):
        op.drop_column("answers", column)
    op.drop_index("concerns_without_receipt_index", "concerns")
    op.drop_index("concerns_receipt_index", "concerns")
    op.drop_column("concerns", "receipt_index")
