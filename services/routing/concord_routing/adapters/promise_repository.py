"""The SQL repository of promises, and of the deadline checks that read, lock and write in batches."""

import json
from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Select, bindparam, func, select, text
from sqlalchemy.engine import Connection

from concord_bus.adapters.sql.bulk_insert import Bulk, OnConflict
from concord_bus.adapters.sql.bulk_update import BulkUpdate
from concord_bus.adapters.sql.dialect import each_of
from concord_routing.adapters.case_queries import CASE_FIELDS
from concord_routing.adapters.promise_status import CASES, of_case, save_promise_statuses
from concord_routing.adapters.tables import cases, promises
from concord_routing.domain.deadline_checks import DuePromise, SilentCase, UnansweredCase
from concord_routing.domain.promise import AT_RISK, MISSED, Promise
from concord_routing.ports import PromiseStatus

_upsert = Bulk(promises, promises.c.keys(), ("case_id", "number"), OnConflict.REPLACE)
_set_state = {
    MISSED: BulkUpdate(promises, ("case_id", "number"), extra_sql="state = 'missed', wake_at = NULL"),
    AT_RISK: BulkUpdate(promises, ("case_id", "number"), extra_sql="at_risk = true, wake_at = due_at"),
}
_clear_silence = BulkUpdate(cases, ("case_id",), ("sequence",), extra_sql="silent_at = NULL")
_clear_question = BulkUpdate(cases, ("case_id",), ("sequence",), extra_sql="asked_at = NULL")
_unanswered_columns: tuple[Any, ...] = tuple(of_case(field.name) for field in fields(UnansweredCase))
_silent_columns: tuple[Any, ...] = (
    *(of_case(field.name) for field in fields(SilentCase) if field.name != "last_word_at"),
    func.coalesce(cases.c.last_word_at, cases.c.received_at, type_=cases.c.received_at.type),
)
_OF_CASE = promises.c.case_id == cases.c.case_id
_due_columns: tuple[Any, ...] = (
    cases.c.seq,
    *(of_case(name) if name in CASE_FIELDS else promises.c[name] for name in DuePromise._fields[1:]),
)


class SqlPromises:
    """See `ports.Store`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def promises(self, case_id: str) -> list[Promise]:
        query = select(promises).where(promises.c.case_id == case_id).order_by(promises.c.number)
        return [Promise(*row) for row in self._connection.execute(query)]

    def save_promises(self, promises: Sequence[Promise]) -> None:
        """Writes in one order, so that two processes never deadlock."""
        _upsert.write_records(self._connection, sorted(promises, key=attrgetter("case_id", "number")))

    def due_promises(self, now: datetime, limit: int) -> list[DuePromise]:
        """Locks the cases first, so that nobody changes them after the read.

        PostgreSQL finds cases before it locks them. If another process has finished with all of them in between, the
        next round sees that and finds the ones that follow.
        """
        while case_ids := self._lock_due_cases(now, limit):
            parameters = {"ids": json.dumps(case_ids), "now": now}
            rows = self._connection.execute(_due_of(self._connection.dialect.name), parameters).all()
            if rows:
                return list(map(DuePromise._make, rows))
        return []

    def _lock_due_cases(self, now: datetime, limit: int) -> list[str]:
        query = select(promises.c.case_id).join_from(promises, cases, _OF_CASE)
        query = query.where(promises.c.wake_at < now).order_by(promises.c.wake_at)
        return sorted(set(self._connection.scalars(_locking(query, limit)).all()))

    def set_promise_states(self, state: str, promises: Sequence[tuple[str, int]]) -> None:
        _set_state[state].write(self._connection, promises)

    def silent_cases(self, now: datetime, limit: int) -> list[SilentCase]:
        """Locks first and reads afterwards: see `promise_status`."""
        silent = select(cases.c.seq).where(cases.c.silent_at < now).order_by(cases.c.silent_at)
        places = self._connection.scalars(_locking(silent, limit)).all()
        query = select(*_silent_columns).select_from(CASES).where(cases.c.seq.in_(places)).order_by(cases.c.silent_at)
        return [SilentCase(*row) for row in self._connection.execute(query)] if places else []

    def save_promise_statuses(self, statuses: Sequence[PromiseStatus]) -> None:
        save_promise_statuses(self._connection, statuses)

    def clear_silence_timers(self, cases: Sequence[tuple[str, int]]) -> None:
        _clear_silence.write(self._connection, cases)

    def unanswered_cases(self, asked_before: datetime, limit: int) -> list[UnansweredCase]:
        """Locks first and reads afterwards, as `silent_cases` does."""
        asked = select(cases.c.seq).where(cases.c.asked_at < asked_before).order_by(cases.c.asked_at)
        places = self._connection.scalars(_locking(asked, limit)).all()
        query = select(*_unanswered_columns).select_from(CASES).where(cases.c.seq.in_(places))
        query = query.order_by(cases.c.asked_at)
        return [UnansweredCase(*row) for row in self._connection.execute(query)] if places else []

    def clear_question_timers(self, cases: Sequence[tuple[str, int]]) -> None:
        _clear_question.write(self._connection, cases)


def _locking(query: Select[Any], limit: int) -> Select[Any]:
    """Locks cases row by row and skips locked ones; on SQLite the transaction itself is the lock."""
    return query.limit(limit).with_for_update(of=cases, skip_locked=True)


@cache
def _due_of(dialect: str) -> Select[Any]:
    """Reads the due promises of cases in the order of time."""
    ids = text(f"SELECT each.value FROM {each_of(dialect, 'ids')}")
    due = promises.c.wake_at < bindparam("now", type_=promises.c.wake_at.type)
    of_cases = select(*_due_columns).select_from(CASES.join(promises, _OF_CASE)).where(promises.c.case_id.in_(ids), due)
    return of_cases.order_by(promises.c.wake_at)
