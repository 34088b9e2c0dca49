"""The tables of routing. `outcomes` counts the cases, so that no query has to scan them. Times are UTC."""

from typing import Any

from sqlalchemy import BigInteger, Boolean, Column, Index, Integer, LargeBinary, MetaData, Table, Text, UniqueConstraint

from concord_bus.adapters.sql.column_types import UtcDateTime

metadata = MetaData()
Serial = BigInteger().with_variant(Integer, "sqlite")


def only_where(condition: Any) -> dict[str, Any]:
    """Return the options of an index over only the rows that meet a condition, on either database."""
    return {"sqlite_where": condition, "postgresql_where": condition}


cases = Table(
    "cases",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("case_id", Text, nullable=False, unique=True),
    Column("concern_id", Text, nullable=False, unique=True),
    Column("state", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("channel", Text, nullable=False),
    Column("border", Boolean, nullable=False),
    Column("received_at", UtcDateTime, nullable=False),
    Column("decided_at", UtcDateTime, nullable=False),
    Column("submission", Text, nullable=False),
    Column("area", Text),
    Column("team", Text),
    Column("reason", Text),
    Column("acknowledge_by", UtcDateTime),
    Column("respond_by", UtcDateTime),
    Column("sequence", Integer, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("last_word_at", UtcDateTime),
    Column("silent_at", UtcDateTime),
    Index("cases_team", "team", "seq"),
    Index("cases_area", "area", "seq"),
    Index("cases_state", "state", "seq"),
    Index("cases_due", "respond_by", "seq"),
    Index("cases_state_due", "state", "respond_by", "seq"),
    Index("cases_team_due", "team", "respond_by", "seq"),
    sqlite_autoincrement=True,
)
Index("cases_silent", cases.c.silent_at, **only_where(cases.c.silent_at.is_not(None)))

standings = Table(
    "standings",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=False),
    Column("promise", Text, nullable=False),
    Column("sequence", Integer, nullable=False),
)
"""Rows that deadline checks write, only for cases with a missed promise or one at risk: see ADR 0010."""

promises = Table(
    "promises",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("kind", Text, nullable=False),
    Column("origin", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("at_risk_at", UtcDateTime, nullable=False),
    Column("wake_at", UtcDateTime),
    Column("state", Text, nullable=False),
    Column("at_risk", Boolean, nullable=False),
    Column("done_at", UtcDateTime),
    sqlite_with_rowid=False,
)
Index("promises_wake", promises.c.wake_at, **only_where(promises.c.wake_at.is_not(None)))

history = Table(
    "history",
    metadata,
    Column("case_id", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcDateTime, nullable=False),
    Column("actor", Text, nullable=False),
    Column("command", Text, nullable=False),
    Column("before", Text, nullable=False),
    Column("after", Text, nullable=False),
    Column("reason", Text),
    Column("message", Text),
    Column("where_to_go", Text),
    Column("referred_to", Text),
    Column("from_team", Text),
    Column("team", Text),
    Column("due_at", UtcDateTime),
    Column("objection", Text),
    sqlite_with_rowid=False,
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("key", Text, primary_key=True),
    Column("fingerprint", LargeBinary, nullable=False),
    Column("claimed_at", UtcDateTime, nullable=False),
    Column("version", Integer, nullable=False),
    Column("answer", Text, nullable=False),
    Index("idempotency_keys_claimed_at", "claimed_at"),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("outcome", Text, primary_key=True),
    Column("cases", BigInteger, nullable=False),
)

tasks = Table(
    "tasks",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    Column("case_id", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("opened_at", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("kind", Text, nullable=False, server_default="triage"),
    UniqueConstraint("case_id", "kind", name="tasks_case_kind"),
    Index("tasks_state", "state", "seq"),
    sqlite_autoincrement=True,
)
