"""The tables of routing. `outcomes` counts the cases, so that no query has to scan them. Times are UTC."""

from typing import Any

from sqlalchemy import BigInteger, Column, Index, Integer, MetaData, Table, Text, UniqueConstraint, text

from concord_bus.adapters.sql.column_types import UtcDateTime
from concord_bus.adapters.sql.record_columns import columns_of
from concord_routing.domain.case import OPEN_STATES, Case, Task
from concord_routing.domain.desk_session import DeskSession
from concord_routing.domain.history import HistoryEntry
from concord_routing.domain.looks import Look
from concord_routing.domain.promise import Promise
from concord_routing.domain.resident_words import SealedContact
from concord_routing.ports import IdempotencyRecord

metadata = MetaData()
Serial = BigInteger().with_variant(Integer, "sqlite")


def only_where(condition: Any) -> dict[str, Any]:
    """Return the options of an index over only the rows that meet a condition, on either database."""
    return {"sqlite_where": condition, "postgresql_where": condition}


cases = Table(
    "cases",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    *columns_of(
        Case,
        without=("promise",),
        case_id={"unique": True},
        concern_id={"unique": True},
        version={"server_default": "1"},
    ),
    Index("cases_team", "team", "seq"),
    Index("cases_area", "area", "seq"),
    Index("cases_state", "state", "seq"),
    Index("cases_due", "respond_by", "seq"),
    Index("cases_state_due", "state", "respond_by", "seq"),
    Index("cases_team_due", "team", "respond_by", "seq"),
    sqlite_autoincrement=True,
)
Index("cases_silent", cases.c.silent_at, **only_where(cases.c.silent_at.is_not(None)))

OPEN = text(f"cases.state IN ({', '.join(repr(state) for state in OPEN_STATES)})")
"""Cases that have not ended. A literal, because SQLite needs the very words of a partial index."""
_open_row = text(OPEN.text.removeprefix("cases."))
Index("cases_open_due", cases.c.team, cases.c.respond_by, cases.c.seq, **only_where(_open_row))
Index(
    "cases_assignee",
    cases.c.assignee,
    cases.c.respond_by,
    cases.c.seq,
    **only_where(cases.c.assignee.is_not(None)),
)
Index("cases_asked", cases.c.asked_at, **only_where(cases.c.asked_at.is_not(None)))

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
    *columns_of(Promise, key=("case_id", "number")),
    sqlite_with_rowid=False,
)
Index("promises_wake", promises.c.wake_at, **only_where(promises.c.wake_at.is_not(None)))

history = Table(
    "history",
    metadata,
    *columns_of(HistoryEntry, key=("case_id", "version")),
    sqlite_with_rowid=False,
)

imported_histories = Table(
    "imported_histories",
    metadata,
    Column("concern_id", Text, primary_key=True),
    Column("sequence", Integer, nullable=False),
    sqlite_with_rowid=False,
)
"""The sequence of intake's latest event about a history that moved on, only for concerns with such an event."""

contacts = Table(
    "contacts",
    metadata,
    *columns_of(SealedContact, key=("concern_id",)),
    sqlite_with_rowid=False,
)
"""The reporters' contacts, encrypted. A contact may come before its case."""

looks = Table(
    "looks",
    metadata,
    *columns_of(Look, key=("case_id", "actor", "part")),
    Index("looks_at", "at"),
    sqlite_with_rowid=False,
)
"""The last look of each person at a case, for a few minutes; the audit keeps all of them."""

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    *columns_of(IdempotencyRecord, key=("key",)),
    Index("idempotency_keys_claimed_at", "claimed_at"),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("outcome", Text, primary_key=True),
    Column("cases", BigInteger, nullable=False),
)

live_city = Table(
    "live_city",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("digest", Text, nullable=False),
    Column("since", UtcDateTime, nullable=False),
)
"""One row: the digest of the city folder by which routing decides."""

desk_sessions = Table(
    "desk_sessions",
    metadata,
    *columns_of(DeskSession, key=("digest",)),
    Index("desk_sessions_seen_at", "seen_at"),
    Index("desk_sessions_subject", "subject"),
)
"""Sessions of officers at the desk, by the hash of their token."""

tasks = Table(
    "tasks",
    metadata,
    Column("seq", Serial, primary_key=True, autoincrement=True),
    *columns_of(Task, without=("team",), kind={"server_default": "triage"}),
    UniqueConstraint("case_id", "kind", name="tasks_case_kind"),
    Index("tasks_state", "state", "seq"),
    sqlite_autoincrement=True,
)
