"""The reporters' encrypted contacts, and the last looks at words and contacts."""

import sqlalchemy as sa
from alembic import op

from concord_bus.adapters.sql.column_types import UtcDateTime

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None
works_from = "0005"


def upgrade() -> None:
    op.create_table(
        "contacts",
        sa.Column("concern_id", sa.Text, primary_key=True),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "looks",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("actor", sa.Text, primary_key=True),
        sa.Column("part", sa.Text, primary_key=True),
        sa.Column("at", UtcDateTime, nullable=False),
        sqlite_with_rowid=False,
    )
    op.create_index("looks_at", "looks", ["at"])


def downgrade() -> None:
    """Loses the contacts: intake sends a contact only once. The next look is a new entry in the audit."""
    op.drop_table("looks")
    op.drop_table("contacts")
