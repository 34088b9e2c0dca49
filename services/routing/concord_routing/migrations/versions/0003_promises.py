"""Promises with their deadline checks, silence, tasks of several kinds, and the columns of the history for them.

Existing cases get the promises that their residents know already, and routing publishes no event about these. Deadline
checks apply to them from now on. Silence counts from the last officer message in the history, or from the receipt.
Where it is over already, it begins a day after this upgrade: officers can send a message first, and not all old cases
fall silent at once. The number of days is the default of `city.toml`.
"""

import sqlalchemy as sa
from alembic import op

from concord_bus.adapters.sql.column_types import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = {"uq": "%(table_name)s_%(column_0_name)s_key"}
OPEN_STATES = "('triage', 'routed', 'acknowledged', 'in_progress', 'waiting_for_resident', 'reopened', 'referred')"
UNANSWERED = "('routed', 'acknowledged', 'in_progress', 'waiting_for_resident', 'reopened')"
WORDS = "('acknowledge', 'update', 'refer', 'resolve', 'decline', 'reopen')"
HEARD = "coalesce(last_word_at, received_at)"
LATER = {
    "sqlite": f"max(strftime('%Y-%m-%d %H:%M:%f', {HEARD}, '+14 days'), strftime('%Y-%m-%d %H:%M:%f', 'now', '+1 day'))"
    " || '000'",
    "postgresql": f"greatest({HEARD} + interval '14 days', now() + interval '1 day')",
}


def upgrade() -> None:
    _create_promises()
    _extend_cases()
    op.add_column("history", sa.Column("due_at", UtcDateTime))
    op.add_column("history", sa.Column("objection", sa.Text))
    op.add_column("tasks", sa.Column("kind", sa.Text, nullable=False, server_default="triage"))
    with op.batch_alter_table("tasks", naming_convention=KEY, table_kwargs={"sqlite_autoincrement": True}) as tasks:
        tasks.drop_constraint("tasks_case_id_key", type_="unique")
        tasks.create_unique_constraint("tasks_case_kind", ["case_id", "kind"])


def downgrade() -> None:
    """Go back to cases without deadline checks. This loses promises and escalations."""
    op.execute("DELETE FROM tasks WHERE kind <> 'triage'")
    with op.batch_alter_table("tasks", table_kwargs={"sqlite_autoincrement": True}) as tasks:
        tasks.drop_constraint("tasks_case_kind", type_="unique")
        tasks.create_unique_constraint("tasks_case_id_key", ["case_id"])
    op.drop_column("tasks", "kind")
    for name in ("due_at", "objection"):
        op.drop_column("history", name)
    for index in ("cases_silent", "cases_promise"):
        op.drop_index(index, "cases")
    for name in ("last_word_at", "silent_at", "promise"):
        op.drop_column("cases", name)
    op.drop_table("promises")


def _create_promises() -> None:
    op.create_table(
        "promises",
        sa.Column("case_id", sa.Text, primary_key=True),
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("origin", sa.Text, nullable=False),
        sa.Column("made_at", UtcDateTime, nullable=False),
        sa.Column("due_at", UtcDateTime, nullable=False),
        sa.Column("at_risk_at", UtcDateTime, nullable=False),
        sa.Column("wake_at", UtcDateTime),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("at_risk", sa.Boolean, nullable=False),
        sa.Column("done_at", UtcDateTime),
        sqlite_with_rowid=False,
    )
    _index("promises_wake", "promises", ["wake_at"], "wake_at")
    for number, kind, due, states in (
        (1, "acknowledgement", "acknowledge_by", "('routed', 'reopened')"),
        (2, "response", "respond_by", UNANSWERED),
    ):
        op.execute(
            "INSERT INTO promises (case_id, number, kind, origin, made_at, due_at, at_risk_at, wake_at, state, at_risk)"
            f" SELECT case_id, {number}, '{kind}', 'rules', decided_at, {due}, {due}, {due}, 'open', false"
            f" FROM cases WHERE state IN {states} AND {due} IS NOT NULL"
        )


def _extend_cases() -> None:
    for column in (
        sa.Column("last_word_at", UtcDateTime),
        sa.Column("silent_at", UtcDateTime),
        sa.Column("promise", sa.Text),
    ):
        op.add_column("cases", column)
    op.execute(
        "UPDATE cases SET last_word_at ="
        f" (SELECT max(at) FROM history WHERE history.case_id = cases.case_id AND command IN {WORDS})"
    )
    op.execute(f"UPDATE cases SET silent_at = {LATER[op.get_bind().dialect.name]} WHERE state IN {OPEN_STATES}")
    _index("cases_silent", "cases", ["silent_at"], "silent_at")
    _index("cases_promise", "cases", ["promise", "seq"], "promise")


def _index(name: str, table: str, columns: list[str], given: str) -> None:
    condition = sa.text(f"{given} IS NOT NULL")
    op.create_index(name, table, columns, sqlite_where=condition, postgresql_where=condition)
