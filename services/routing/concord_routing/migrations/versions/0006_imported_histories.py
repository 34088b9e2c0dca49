"""The latest state of a concern's imported history that routing has followed.

Concerns without an update have no row.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None
works_from = "0005"


def upgrade() -> None:
    op.create_table(
        "imported_histories",
        sa.Column("concern_id", sa.Text, primary_key=True),
        sa.Column("sequence", sa.Integer, nullable=False),
        sqlite_with_rowid=False,
    )


def downgrade() -> None:
    """Routing forgets which state it followed last. A message that comes again may lead it back."""
    op.drop_table("imported_histories")
