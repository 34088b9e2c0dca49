"""Promises and timers: what is due is read, locked and written set by set."""

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
from concord_routing.adapters.promise_status import CASES, keep_standings, of_case
from concord_routing.adapters.tables import cases, promises
from concord_routing.domain.promise import AT_RISK, MISSED, Promise
from concord_routing.ports import Due, Standing, Watched

_PROMISE = tuple(field.name for field in fields(Promise))
_of_promise = attrgetter(*_PROMISE)
_keep = Bulk(promises, _PROMISE, ("case_id", "number"), OnConflict.REPLACE)
_mark = {
    MISSED: BulkUpdate(promises, ("case_id", "number"), besides="state = 'missed', wake_at = NULL"),
    AT_RISK: BulkUpdate(promises, ("case_id", "number"), besides="at_risk = true, wake_at = due_at"),
}
_silent = BulkUpdate(cases, ("case_id",), ("sequence",), besides="silent_at = NULL")
_columns = tuple(promises.c[name] for name in _PROMISE)
_watched: tuple[Any, ...] = (
    *(of_case(field.name) for field in fields(Watched) if field.name != "last_word_at"),
    func.coalesce(cases.c.last_word_at, cases.c.received_at, type_=cases.c.received_at.type),
)
_OF_CASE = promises.c.case_id == cases.c.case_id
_due: tuple[Any, ...] = (
    cases.c.seq,
    *(of_case(name) if name in CASE_FIELDS else promises.c[name] for name in Due._fields[1:]),
)


class SqlPromises:
    """See `ports.Store`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def promises(self, case_id: str) -> list[Promise]:
        query = select(*_columns).where(promises.c.case_id == case_id).order_by(promises.c.number)
        return [Promise(*row) for row in self._connection.execute(query)]

    def keep_promises(self, promises: Sequence[Promise]) -> None:
        """In one order, so that two processes never wait for each other in a circle."""
        _keep.write(self._connection, sorted(map(_of_promise, promises)))

    def due_promises(self, now: datetime, limit: int) -> list[Due]:
        """First the cases are locked: what is read of them afterwards, nobody changes any more.

        PostgreSQL finds cases before it locks them. Another process may have finished with all of them in between:
        then the next look, which sees that, finds those that follow.
        """
        while taken := self._cases_due(now, limit):
            given = {"ids": json.dumps(taken), "now": now}
            rows = self._connection.execute(_due_of(self._connection.dialect.name), given).all()
            if rows:
                return list(map(Due._make, rows))
        return []

    def _cases_due(self, now: datetime, limit: int) -> list[str]:
        query = select(promises.c.case_id).join_from(promises, cases, _OF_CASE)
        query = query.where(promises.c.wake_at < now).order_by(promises.c.wake_at)
        return sorted(set(self._connection.scalars(_taken(query, limit)).all()))

    def mark(self, came_to: str, promises: Sequence[tuple[str, int]]) -> None:
        _mark[came_to].write(self._connection, promises)

    def silent_cases(self, now: datetime, limit: int) -> list[Watched]:
        """Locked first, and read afterwards: see `standings`."""
        silent = select(cases.c.seq).where(cases.c.silent_at < now).order_by(cases.c.silent_at)
        taken = self._connection.scalars(_taken(silent, limit)).all()
        query = select(*_watched).select_from(CASES).where(cases.c.seq.in_(taken)).order_by(cases.c.silent_at)
        return [Watched(*row) for row in self._connection.execute(query)] if taken else []

    def keep_standings(self, cases: Sequence[Standing]) -> None:
        keep_standings(self._connection, cases)

    def keep_silent(self, cases: Sequence[tuple[str, int]]) -> None:
        _silent.write(self._connection, cases)


def _taken(query: Select[Any], limit: int) -> Select[Any]:
    """Cases locked row by row, without waiting; SQLite's transaction is the lock itself."""
    return query.limit(limit).with_for_update(of=cases, skip_locked=True)


@cache
def _due_of(dialect: str) -> Select[Any]:
    """What is due of cases in the order of time."""
    ids = text(f"SELECT each.value FROM {each_of(dialect, 'ids')}")
    due = promises.c.wake_at < bindparam("now", type_=promises.c.wake_at.type)
    of_cases = select(*_due).select_from(CASES.join(promises, _OF_CASE)).where(promises.c.case_id.in_(ids), due)
    return of_cases.order_by(promises.c.wake_at)
