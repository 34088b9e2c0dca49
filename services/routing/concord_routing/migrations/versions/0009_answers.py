"""Answers in the history, and the time of a question that waits for one.

A case that waits for its resident already has the time of the last officer message as that of its question.
"""

import sqlalchemy as sa
from alembic import op

from concord_bus.adapters.sql.column_types import UtcDateTime

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
works_from = "0005"


def upgrade() -> None:
    op.add_column("history", sa.Column("answer", sa.Text))
    op.add_column("cases", sa.Column("asked_at", UtcDateTime))
    op.execute("UPDATE cases SET asked_at = last_word_at WHERE state = 'waiting_for_resident'")
    asked = sa.text("asked_at IS NOT NULL")
    op.create_index("cases_asked", "cases", ["asked_at"], sqlite_where=asked, postgresql_where=asked)


def downgrade() -> None:
    """Loses the answers, and the tasks to read them."""
    op.execute("DELETE FROM tasks WHERE kind IN ('answered', 'unanswered')")
    op.drop_index("cases_asked", "cases")
    op.drop_column("cases", "asked_at")
    op.drop_column("history", "answer")
