"""The SQL repository, on SQLite or PostgreSQL: cases, tasks, history and idempotency keys."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, TextClause, func, insert, select, text, update
from sqlalchemy.engine import Connection

from concord_access import EVERYWHERE, Scope
from concord_access.adapters.sql.audit import SqlAudit
from concord_access.adapters.sql.keys import SqlKeys
from concord_bus.adapters.sql.bulk_insert import Bulk, OnConflict
from concord_bus.adapters.sql.column_sample import both_ends
from concord_bus.adapters.sql.dialect import each_of, insert_into
from concord_bus.adapters.sql.idempotency_keys import claim_key, delete_expired_keys
from concord_routing.adapters.case_queries import CASE_FIELDS, case_columns, cases_by_due, cases_in_order, in_scope
from concord_routing.adapters.city_repository import SqlCity
from concord_routing.adapters.desk_lists import SqlDeskLists
from concord_routing.adapters.desk_queries import SqlDesk
from concord_routing.adapters.desk_sessions import SqlDeskSessions
from concord_routing.adapters.promise_repository import SqlPromises
from concord_routing.adapters.promise_status import CASES, save_promise_status
from concord_routing.adapters.resident_repository import SqlResidents
from concord_routing.adapters.tables import (
    cases,
    contacts,
    history,
    idempotency_keys,
    imported_histories,
    outcomes,
    tasks,
)
from concord_routing.domain.case import TASK_KINDS, TRIAGE, Case, Task
from concord_routing.domain.history import HistoryEntry
from concord_routing.ports import CaseFilter, Counts, DueCursor, IdempotencyRecord

OPENING_FIELDS = tuple(
    name for name in CASE_FIELDS if name not in ("version", "last_word_at", "promise", "asked_at", "assignee")
)
"""The columns to write for a new case. The others have defaults, because opening must be fast."""
CHANGING_FIELDS = (
    "state",
    "area",
    "team",
    "acknowledge_by",
    "respond_by",
    "sequence",
    "version",
    "last_word_at",
    "silent_at",
    "asked_at",
    "assignee",
)
"""The columns of a case that a command can change."""
_task_fields = tuple(column.name for column in tasks.c if column is not tasks.c.seq)
_insert_cases = Bulk(cases, OPENING_FIELDS, ("concern_id",))
_insert_tasks = Bulk(tasks, _task_fields, ("case_id", "kind"), OnConflict.REPLACE)
_add_outcomes = Bulk(outcomes, ("outcome", "cases"), ("outcome",), OnConflict.ADD)


class SqlStore(SqlPromises, SqlCity, SqlResidents, SqlDesk, SqlDeskLists):
    """See `ports.Store`."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self.keys = SqlKeys(connection)
        self.audit = SqlAudit(connection)
        self.sessions = SqlDeskSessions(connection)

    def add_cases(self, cases: Sequence[Case]) -> list[Case]:
        """Writes in the order of the concerns, so that two processes with the same ones never deadlock."""
        if not cases:
            return []
        written = _insert_cases.write_records(self._connection, sorted(cases, key=attrgetter("concern_id")))
        added = list(cases) if written == len(cases) else self._added(cases)
        # All processes share these few rows and lock them until the commit: write them late, in one order.
        _add_outcomes.write(self._connection, sorted(Counter(case.outcome for case in added).items()))
        return added

    def _added(self, cases: Sequence[Case]) -> list[Case]:
        """The cases of this call; the concerns of the others had a case already."""
        ids = json.dumps([case.concern_id for case in cases])
        rows = self._connection.execute(_of_concerns(self._connection.dialect.name), {"ids": ids})
        stored = {row[0] for row in rows}
        return [case for case in cases if case.case_id in stored]

    def add_tasks(self, tasks: Sequence[Task]) -> None:
        _insert_tasks.write_records(self._connection, tasks)

    def case(self, case_id: str) -> Case | None:
        return self._case(cases.c.case_id == case_id)

    def lock(self, case_id: str) -> Case | None:
        return self._lock(cases.c.case_id == case_id)

    def lock_by_concern(self, concern_id: str) -> Case | None:
        return self._lock(cases.c.concern_id == concern_id)

    def _lock(self, condition: ColumnElement[bool]) -> Case | None:
        """On SQLite the transaction itself is the lock, because it is the only writer. See `promise_status`."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(select(cases.c.seq).where(condition).with_for_update())
        return self._case(condition)

    def _case(self, condition: ColumnElement[bool]) -> Case | None:
        row = self._connection.execute(select(*case_columns()).select_from(CASES).where(condition)).first()
        return None if row is None else Case(*row)

    def save(self, case: Case, entry: HistoryEntry) -> bool:
        values = {name: getattr(case, name) for name in CHANGING_FIELDS}
        before = (cases.c.case_id == case.case_id, cases.c.version == case.version - 1)
        seq = self._connection.scalar(update(cases).where(*before).values(values).returning(cases.c.seq))
        if seq is None:
            return False
        save_promise_status(self._connection, seq, case)
        self._connection.execute(insert(history).values(asdict(entry)))
        return True

    def note_history(self, concern_id: str, sequence: int) -> bool:
        noted = note_later(self._connection.dialect.name)
        return self._connection.execute(noted, {"concern_id": concern_id, "sequence": sequence}).rowcount == 1

    def history(self, case_id: str) -> list[HistoryEntry]:
        query = select(history).where(history.c.case_id == case_id).order_by(history.c.version)
        return [HistoryEntry(*row) for row in self._connection.execute(query)]

    def claim_idempotency_key(self, record: IdempotencyRecord, expired: datetime) -> IdempotencyRecord:
        claim = claim_key(idempotency_keys, self._connection.dialect.name)
        self._connection.execute(claim, {**asdict(record), "expired": expired})
        row = self._connection.execute(select(idempotency_keys).where(idempotency_keys.c.key == record.key)).one()
        return IdempotencyRecord(row.key, bytes(row.fingerprint), row.claimed_at, row.version, row.answer)

    def save_response(self, record: IdempotencyRecord) -> None:
        values = {"version": record.version, "answer": record.answer}
        self._connection.execute(update(idempotency_keys).where(idempotency_keys.c.key == record.key).values(values))

    def delete_expired_keys(self, expired: datetime, limit: int) -> int:
        return delete_expired_keys(self._connection, idempotency_keys, expired, limit)

    def cases(self, where: CaseFilter, after: int, limit: int) -> list[tuple[int, Case]]:
        return cases_in_order(self._connection, where, after, limit)

    def cases_by_due(self, where: CaseFilter, after: DueCursor | None, limit: int) -> list[tuple[DueCursor, Case]]:
        return cases_by_due(self._connection, where, after, limit)

    def tasks(
        self, after: int, limit: int, within: Scope = EVERYWHERE, kind: str | None = None
    ) -> list[tuple[int, Task]]:
        query = (
            select(tasks, cases.c.team)
            .select_from(tasks.join(cases, cases.c.case_id == tasks.c.case_id))
            .where(tasks.c.seq > after, tasks.c.state == "open")
        )
        query = query if kind is None else query.where(tasks.c.kind == kind)
        query = in_scope(within, query).order_by(tasks.c.seq).limit(limit)
        return [(row[0], Task(*row[1:])) for row in self._connection.execute(query)]

    def set_task(self, case_id: str, kind: str = TRIAGE, *, is_open: bool) -> None:
        its = (tasks.c.case_id == case_id, tasks.c.kind == kind)
        self._connection.execute(update(tasks).where(*its).values(state="open" if is_open else "done"))

    def ciphertexts(self) -> list[str]:
        """Return a sample of submissions, objections, answers and contacts, of the oldest and the newest cases."""
        key = [history.c.case_id, history.c.version]
        replies = [both_ends(self._connection, column, key) for column in (history.c.objection, history.c.answer)]
        of_contacts = both_ends(self._connection, contacts.c.sealed, [contacts.c.concern_id])
        return both_ends(self._connection, cases.c.submission, [cases.c.seq]) + sum(replies, of_contacts)

    def counts(self) -> Counts:
        by_outcome = {row[0]: row[1] for row in self._connection.execute(select(outcomes.c.outcome, outcomes.c.cases))}
        open_tasks = select(tasks.c.kind, func.count()).where(tasks.c.state == "open").group_by(tasks.c.kind)
        by_kind = {row[0]: row[1] for row in self._connection.execute(open_tasks)}
        return Counts(by_outcome, *(by_kind.get(kind, 0) for kind in TASK_KINDS))


@cache
def _of_concerns(dialect: str) -> TextClause:
    return text(f"SELECT case_id FROM cases WHERE concern_id IN (SELECT each.value FROM {each_of(dialect, 'ids')})")


@cache
def note_later(dialect: str) -> Any:
    """Keep the highest sequence of each concern."""
    statement = insert_into(imported_histories, dialect)
    later = imported_histories.c.sequence < statement.excluded.sequence
    changes = {"sequence": statement.excluded.sequence}
    return statement.on_conflict_do_update(index_elements=["concern_id"], set_=changes, where=later)
