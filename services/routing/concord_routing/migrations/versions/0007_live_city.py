"""The digest of the city folder by which routing decides, so that a change of it is audited once."""

import sqlalchemy as sa
from alembic import op

from concord_bus.adapters.sql.column_types import UtcDateTime

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
works_from = "0005"


def upgrade() -> None:
    op.create_table(
        "live_city",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("digest", sa.Text, nullable=False),
        sa.Column("since", UtcDateTime, nullable=False),
    )


def downgrade() -> None:
    """Loses the digest: after the next upgrade, the first city counts as no change."""
    op.drop_table("live_city")
