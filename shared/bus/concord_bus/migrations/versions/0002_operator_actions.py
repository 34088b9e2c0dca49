"""What operators do, kept beside what they do it to."""

from alembic import op

from concord_bus.adapters.sql import spine

revision = "0002"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    spine.create_v2(op)


def downgrade() -> None:
    spine.undo_v2(op)
