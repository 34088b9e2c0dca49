"""Officer messages, reporters' answers and withdrawals, and renegotiated and missed promises."""

import sqlalchemy as sa
from alembic import op

from concord_bus.adapters.sql.column_types import UtcDateTime

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.add_column("concerns", sa.Column("events", sa.Integer, nullable=False, server_default=sa.text("3")))
    op.add_column("steps", sa.Column("area", sa.Text))
    op.add_column("steps", sa.Column("promise", sa.Text))
    op.add_column("steps", sa.Column("due_at", UtcDateTime))
    op.create_table(
        "words",
        sa.Column("concern_id", sa.Text, primary_key=True),
        sa.Column("sequence", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("words", sa.Text, nullable=False),
        sa.Column("where_to_go", sa.Text),
        sa.Column("partner", sa.Text),
        sa.Column("due_at", UtcDateTime),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "withdrawals",
        sa.Column("concern_id", sa.Text, primary_key=True),
        sa.Column("at", UtcDateTime, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "answers",
        sa.Column("concern_id", sa.Text, primary_key=True),
        sa.Column("resolution", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("fixed", sa.Boolean, nullable=False),
        sa.Column("at", UtcDateTime, nullable=False),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    for table in ("answers", "withdrawals", "words"):
        op.drop_table(table)
    for column in ("due_at", "promise", "area"):
        op.drop_column("steps", column)
    op.drop_column("concerns", "events")
