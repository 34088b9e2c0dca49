"""The person who has a case, notes in the history, and indexes for the lists of a desk."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None
works_from = "0005"

OPEN = "state IN ('triage', 'routed', 'acknowledged', 'in_progress', 'waiting_for_resident', 'reopened', 'referred')"


def upgrade() -> None:
    op.add_column("cases", sa.Column("assignee", sa.Text))
    op.add_column("history", sa.Column("assignee", sa.Text))
    op.add_column("history", sa.Column("note", sa.Text))
    _index("cases_open_due", ["team", "respond_by", "seq"], OPEN)
    _index("cases_assignee", ["assignee", "respond_by", "seq"], "assignee IS NOT NULL")


def _index(name: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, "cases", columns, sqlite_where=where, postgresql_where=where)


def downgrade() -> None:
    """Loses who has a case, and the notes of colleagues."""
    op.drop_index("cases_assignee", "cases")
    op.drop_index("cases_open_due", "cases")
    op.drop_column("cases", "assignee")
    op.drop_column("history", "note")
    op.drop_column("history", "assignee")
