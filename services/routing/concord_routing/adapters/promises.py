"""Promises and timers: what is due is read, locked and written set by set."""

import json
from collections.abc import Callable, Sequence
from dataclasses import fields
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Select, bindparam, func, select, text
from sqlalchemy.engine import Connection

from concord_bus.adapters.sql.bulk import Bulk, OnConflict
from concord_bus.adapters.sql.dialect import each_of
from concord_routing.adapters.tables import cases, promises
from concord_routing.domain.promise import MISSED, Promise
from concord_routing.ports import Due, Standing, Watched

_PROMISE = tuple(field.name for field in fields(Promise))
_of_promise = attrgetter(*_PROMISE)
_keep = Bulk(promises, _PROMISE, ("case_id", "number"), OnConflict.REPLACE)
_columns = tuple(promises.c[name] for name in _PROMISE)
_watched: tuple[Any, ...] = (
    *(cases.c[field.name] for field in fields(Watched) if field.name != "last_word_at"),
    func.coalesce(cases.c.last_word_at, cases.c.received_at, type_=cases.c.received_at.type),
)
_OF_CASE = promises.c.case_id == cases.c.case_id
_due = tuple((cases if name in cases.c else promises).c[name] for name in Due._fields)


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
        """First the cases are locked: what is read of them afterwards, nobody changes any more."""
        taken = self._cases_due(now, limit)
        if not taken:
            return []
        given = {"ids": json.dumps(taken), "now": now}
        rows = self._connection.execute(_due_of(self._connection.dialect.name), given).all()
        return [Due._make(row) for row in rows]

    def _cases_due(self, now: datetime, limit: int) -> list[str]:
        query = select(promises.c.case_id).join_from(promises, cases, _OF_CASE)
        query = query.where(promises.c.wake_at < now).order_by(promises.c.wake_at)
        return sorted(set(self._connection.scalars(_taken(query, limit))))

    def mark(self, came_to: str, promises: Sequence[tuple[str, int]]) -> None:
        self._each(_mark, came_to == MISSED, promises)

    def silent_cases(self, now: datetime, limit: int) -> list[Watched]:
        query = select(*_watched).where(cases.c.silent_at < now).order_by(cases.c.silent_at)
        return [Watched(*row) for row in self._connection.execute(_taken(query, limit))]

    def keep_watched(self, cases: Sequence[Standing], *, silent: bool) -> None:
        self._each(_move_on, silent, cases)

    def _each(self, statement: Callable[[bool, bool], str], which: bool, rows: Sequence[tuple[Any, ...]]) -> None:
        """One statement for all rows: PostgreSQL takes an array for each column, SQLite one row after the other."""
        if rows:
            postgresql = self._connection.dialect.name == "postgresql"
            given: Any = tuple(map(list, zip(*rows, strict=True))) if postgresql else list(rows)
            self._connection.exec_driver_sql(statement(postgresql, which), given)


def _taken(query: Select[Any], limit: int) -> Select[Any]:
    """Cases locked row by row, without waiting; SQLite's transaction is the lock itself."""
    return query.limit(limit).with_for_update(of=cases, skip_locked=True)


@cache
def _due_of(dialect: str) -> Select[Any]:
    """What is due of cases in the order of time."""
    ids = text(f"SELECT each.value FROM {each_of(dialect, 'ids')}")
    due = promises.c.wake_at < bindparam("now", type_=promises.c.wake_at.type)
    of_cases = select(*_due).join_from(promises, cases, _OF_CASE).where(promises.c.case_id.in_(ids), due)
    return of_cases.order_by(promises.c.wake_at)


@cache
def _mark(postgresql: bool, missed: bool) -> str:
    change = "state = 'missed', wake_at = NULL" if missed else "at_risk = true, wake_at = due_at"
    if postgresql:
        return (
            f"UPDATE promises SET {change} FROM unnest(%s::text[], %s::integer[]) AS given(case_id, number)"
            " WHERE promises.case_id = given.case_id AND promises.number = given.number"
        )
    return f"UPDATE promises SET {change} WHERE case_id = ?1 AND number = ?2"


@cache
def _move_on(postgresql: bool, silent: bool) -> str:
    heard = ", silent_at = NULL" if silent else ""
    if postgresql:
        return (
            f"UPDATE cases SET sequence = given.sequence, promise = given.promise{heard}"
            " FROM unnest(%s::text[], %s::integer[], %s::text[]) AS given(case_id, sequence, promise)"
            " WHERE cases.case_id = given.case_id"
        )
    return f"UPDATE cases SET sequence = ?2, promise = ?3{heard} WHERE case_id = ?1"
