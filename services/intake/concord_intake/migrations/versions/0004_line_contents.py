"""The content and the history that an import line told last, to compare it when it comes again.

Lines from before have null in the new columns. Their history is unknown until they come again.
"""

import sqlalchemy as sa
from alembic import op

from concord_bus.adapters.sql.column_types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None
works_from = "0003"

TIMES = ("reported_at", "promised_by", "closed_at")


def upgrade() -> None:
    op.add_column("imported_lines", sa.Column("fingerprint", sa.Text))
    for name in TIMES:
        op.add_column("imported_lines", sa.Column(name, UtcDateTime))


def downgrade() -> None:
    """Lines that come again are not compared any more."""
    for name in (*reversed(TIMES), "fingerprint"):
        op.drop_column("imported_lines", name)
