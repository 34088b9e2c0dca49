"""Store all decisions of a concern, not only the latest; officer messages; withdrawn concerns."""

import sqlalchemy as sa
from alembic import op

from concord_bus.adapters.sql.column_types import UtcDateTime

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FIRST = (
    sa.Column("decision_id", sa.Text),
    sa.Column("decision_sequence", sa.Integer),
    sa.Column("kind", sa.Text),
    sa.Column("decided_at", UtcDateTime),
    sa.Column("correlation_id", sa.Text),
    sa.Column("traceparent", sa.Text),
    sa.Column("area", sa.Text),
    sa.Column("team", sa.Text),
    sa.Column("team_name", sa.Text),
    sa.Column("acknowledge_by", UtcDateTime),
    sa.Column("respond_by", UtcDateTime),
    sa.Column("reason", sa.Text),
)
"""The columns of the latest decision of a concern."""

KEPT = "decided_at, correlation_id, traceparent, area, team, team_name, acknowledge_by, respond_by, reason"


def upgrade() -> None:
    _create_decisions()
    op.create_table(
        "words",
        sa.Column("cause_id", sa.Text, primary_key=True),
        sa.Column("concern_id", sa.Text, nullable=False),
        sa.Column("sealed", sa.Text, nullable=False),
    )
    for name in ("decided", "withdrawn"):
        op.add_column("concerns", sa.Column(name, sa.Boolean, nullable=False, server_default=sa.false()))
    notice = sa.Column("notice", sa.Text, nullable=False, server_default=sa.text("'acknowledgement'"))
    op.add_column("deliveries", notice)
    _move_decisions()
    for column in FIRST:
        op.drop_column("concerns", column.name)


def downgrade() -> None:
    for column in FIRST:
        op.add_column("concerns", sa.Column(column.name, column.type))
    op.execute(_back())
    op.drop_column("deliveries", "notice")
    for name in ("withdrawn", "decided"):
        op.drop_column("concerns", name)
    op.drop_table("words")
    op.drop_table("decisions")


def _create_decisions() -> None:
    op.create_table(
        "decisions",
        sa.Column("event_id", sa.Text, primary_key=True),
        sa.Column("concern_id", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("decided_at", UtcDateTime, nullable=False),
        sa.Column("correlation_id", sa.Text, nullable=False),
        sa.Column("traceparent", sa.Text),
        sa.Column("area", sa.Text),
        sa.Column("team", sa.Text),
        sa.Column("team_name", sa.Text),
        sa.Column("acknowledge_by", UtcDateTime),
        sa.Column("respond_by", UtcDateTime),
        sa.Column("reason", sa.Text),
        sa.Column("promise", sa.Text),
        sa.Column("due_at", UtcDateTime),
        sa.Column("initiator", sa.Text),
        sa.Column("waiting", sa.Boolean, nullable=False),
        sa.Column("past", sa.Boolean, nullable=False),
    )
    op.create_index("decisions_concern", "decisions", ["concern_id"])


def _move_decisions() -> None:
    op.execute(
        f"INSERT INTO decisions (event_id, concern_id, sequence, kind, {KEPT}, waiting, past)"
        f" SELECT decision_id, concern_id, decision_sequence, kind, {KEPT}, false, false"
        " FROM concerns WHERE decision_id IS NOT NULL"
    )
    op.execute("UPDATE concerns SET decided = true WHERE decision_id IS NOT NULL")


def _back() -> str:
    """The latest decision of the two kinds that were known before."""
    taken = ", ".join(f"{name} = d.{name}" for name in ("kind", *KEPT.split(", ")))
    return (
        f"UPDATE concerns SET decision_id = d.event_id, decision_sequence = d.sequence, {taken} FROM decisions d"
        " WHERE d.concern_id = concerns.concern_id AND d.kind IN ('routed', 'unroutable')"
        " AND d.sequence = (SELECT max(o.sequence) FROM decisions o"
        " WHERE o.concern_id = d.concern_id AND o.kind IN ('routed', 'unroutable'))"
    )
