"""The spine, facts and the sums over them."""

from alembic import op

from concord_bus.adapters.sql import spine
from concord_metrics.adapters.tables import metadata

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    spine.create_v1(op)
    metadata.create_all(op.get_bind())


def downgrade() -> None:
    metadata.drop_all(op.get_bind())
    spine.drop_v1(op)
