"""Promises, notices and feedback; a second generation of all facts and aggregates; the recent events."""

from typing import Any

import sqlalchemy as sa
from alembic import op

from concord_bus.adapters.sql.column_types import UtcDateTime

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

MOMENTS = ("withdrawn_at", "silent_at", "objected_at", "told_at", "invited_at")
PROMISES = "promises_made promises_open promises_at_risk promises_kept promises_missed promises_renegotiated"
VOICE = "withdrawn silent reopen_requested tellable told invited answered fixed rated heard heard_twelfths"
WAY = "received routed unroutable in_triage border open measured notified notification_failed decided"
WORK = "acknowledged referred resolved declined closed reopened reopenings"
BUCKETS = 17
PARTS = {
    "": (WAY, ("route", "acknowledge")),
    "_work": (WORK, ("human_acknowledgement", "first_word", "resolve")),
    "_promises": (PROMISES, ()),
    "_voice": (VOICE, ()),
}
GROUP = ("area", "category", "channel", "team")
SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    for column in _new_columns():
        op.add_column("facts", column)
    op.create_index("facts_at_risk_due", "facts", ["at_risk_due"])
    for part in ("_promises", "_voice"):
        _create_daily(part, "")
        _create_overall_part(part, "")
    _create_second_generation()
    op.create_table(
        "generations",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("live", sa.Text, nullable=False),
        sa.Column("building", sa.Text),
    )
    op.execute("INSERT INTO generations (id, live) VALUES (1, 'a')")
    _create_latest()


def downgrade() -> None:
    """Delete promises and feedback. Raises RuntimeError while the second generation is the live one."""
    if op.get_bind().execute(sa.text("SELECT live FROM generations")).scalar() != "a":
        raise RuntimeError("the second generation is live: run `concord replay metrics` once more, then downgrade")
    op.drop_table("latest")
    op.drop_table("generations")
    for part in PARTS:
        op.drop_table(f"overall{part}_b")
        op.drop_table(f"daily{part}_b")
    op.drop_table("facts_b")
    for part in ("_voice", "_promises"):
        op.drop_table(f"overall{part}")
        op.drop_table(f"daily{part}")
    op.drop_index("facts_at_risk_due", "facts")
    for column in reversed(_new_columns()):
        op.drop_column("facts", column.name)


def _new_columns() -> list[sa.Column[Any]]:
    return [
        sa.Column("promises", sa.Text),
        sa.Column("at_risk_due", UtcDateTime),
        *(sa.Column(name, UtcDateTime) for name in MOMENTS),
        sa.Column("reached", sa.Boolean, nullable=False, server_default="0"),
        sa.Column("answers", sa.Text),
    ]


def _create_second_generation() -> None:
    moments = "human_acknowledged_at updated_at referred_at resolved_at declined_at closed_at"
    op.create_table(
        "facts_b",
        sa.Column("concern_id", sa.Text, primary_key=True),
        sa.Column("told_by", sa.Integer),
        sa.Column("received_at", UtcDateTime),
        sa.Column("category", sa.Text),
        sa.Column("channel", sa.Text),
        sa.Column("occurred_at", UtcDateTime),
        sa.Column("sequence", sa.BigInteger),
        *(sa.Column(name, sa.Text) for name in ("area", "team", "reason")),
        sa.Column("routed_at", UtcDateTime),
        sa.Column("unroutable_at", UtcDateTime),
        sa.Column("border", sa.Boolean, nullable=False, server_default="0"),
        sa.Column("acknowledged_at", UtcDateTime),
        sa.Column("failed_at", UtcDateTime),
        *(sa.Column(name, UtcDateTime) for name in moments.split()),
        sa.Column("turn_sequence", sa.BigInteger),
        sa.Column("standing", sa.Text),
        sa.Column("reopenings", sa.Text),
        *_new_columns(),
        sqlite_with_rowid=False,
    )
    op.create_index("facts_b_received_at", "facts_b", ["received_at"])
    op.create_index("facts_b_at_risk_due", "facts_b", ["at_risk_due"])
    for part in PARTS:
        _create_daily(part, "_b")
        if part:
            _create_overall_part(part, "_b")
    counted = sa.Column("id", SERIAL, primary_key=True, autoincrement=True)
    group = [sa.Column(name, sa.Text, nullable=False) for name in GROUP]
    op.create_table("overall_b", counted, *group, *_sums(""), sqlite_autoincrement=True)
    op.create_index("overall_b_group", "overall_b", list(GROUP), unique=True)


def _create_daily(part: str, suffix: str) -> None:
    day = sa.Column("day", sa.Date, nullable=False, primary_key=True)
    op.create_table(f"daily{part}{suffix}", day, *_key(), *_sums(part), sqlite_with_rowid=False)


def _create_overall_part(part: str, suffix: str) -> None:
    op.create_table(f"overall{part}{suffix}", *_key(), *_sums(part), sqlite_with_rowid=False)


def _create_latest() -> None:
    op.create_table(
        "latest",
        sa.Column("id", SERIAL, primary_key=True, autoincrement=True),
        sa.Column("event_id", sa.Text, nullable=False),
        sa.Column("time", UtcDateTime, nullable=False),
        sa.Column("type", sa.Text, nullable=False),
        sa.Column("concern_id", sa.Text, nullable=False),
        *(sa.Column(name, sa.Text) for name in ("category", "area", "team")),
        sqlite_autoincrement=True,
    )


def _key() -> list[sa.Column[Any]]:
    return [sa.Column(name, sa.Text, nullable=False, primary_key=True) for name in GROUP]


def _sums(part: str) -> list[sa.Column[Any]]:
    counts, times = PARTS[part]
    buckets = [f"{name}_{index:02}" for name in times for index in range(BUCKETS)]
    names = (*counts.split(), *(f"{name}_us" for name in times), *buckets)
    return [sa.Column(name, sa.BigInteger, nullable=False, server_default="0") for name in names]
