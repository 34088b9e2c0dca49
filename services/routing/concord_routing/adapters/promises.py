"""Promises and timers: what is due is read, locked and written set by set."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.engine import Connection

from concord_bus.adapters.sql.bulk import Bulk, OnConflict
from concord_routing.adapters.tables import cases, promises
from concord_routing.domain.promise import Promise
from concord_routing.ports import Standing, Watched

_PROMISE = tuple(field.name for field in fields(Promise))
_of_promise = attrgetter(*_PROMISE)
_keep = Bulk(promises, _PROMISE, ("case_id", "number"), OnConflict.REPLACE)
_columns = tuple(promises.c[name] for name in _PROMISE)
_watched: tuple[Any, ...] = (
    *(cases.c[field.name] for field in fields(Watched) if field.name != "last_word_at"),
    func.coalesce(cases.c.last_word_at, cases.c.received_at, type_=cases.c.received_at.type),
)
_WIDTH = len(_watched)


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

    def due_promises(self, now: datetime, limit: int) -> list[tuple[Watched, Promise]]:
        query = (
            select(*_watched, *_columns)
            .join_from(promises, cases, promises.c.case_id == cases.c.case_id)
            .where(promises.c.wake_at < now)
            .order_by(promises.c.wake_at)
        )
        rows = self._connection.execute(_taken(query, limit)).all()
        return [(Watched(*row[:_WIDTH]), Promise(*row[_WIDTH:])) for row in rows]

    def silent_cases(self, now: datetime, limit: int) -> list[Watched]:
        query = select(*_watched).where(cases.c.silent_at < now).order_by(cases.c.silent_at)
        return [Watched(*row) for row in self._connection.execute(_taken(query, limit))]

    def keep_watched(self, cases: Sequence[Standing], *, silent: bool) -> None:
        if cases:
            postgresql = self._connection.dialect.name == "postgresql"
            given: Any = tuple(map(list, zip(*cases, strict=True))) if postgresql else list(map(tuple, cases))
            self._connection.exec_driver_sql(_update(postgresql, silent), given)


def _taken(query: Select[Any], limit: int) -> Select[Any]:
    """Locked row by row, without waiting; SQLite's transaction is the lock itself."""
    return query.limit(limit).with_for_update(skip_locked=True)


@cache
def _update(postgresql: bool, silent: bool) -> str:
    heard = ", silent_at = NULL" if silent else ""
    if postgresql:
        return (
            f"UPDATE cases SET sequence = given.sequence, promise = given.promise{heard}"
            " FROM unnest(%s::text[], %s::integer[], %s::text[]) AS given(case_id, sequence, promise)"
            " WHERE cases.case_id = given.case_id"
        )
    return f"UPDATE cases SET sequence = ?2, promise = ?3{heard} WHERE case_id = ?1"
