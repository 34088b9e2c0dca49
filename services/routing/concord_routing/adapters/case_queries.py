"""Queries for pages of cases. Each walks along an index from the end of the page before, and skips no rows.

There is one exception: the order of promised responses for cases with one standing. If these are few, PostgreSQL reads
and sorts them.
"""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from sqlalchemy import Select, null, select, tuple_
from sqlalchemy.engine import Connection

from concord_access import Scope
from concord_routing.adapters.promise_status import all_cases, cases_with_standing, of_case
from concord_routing.adapters.tables import OPEN, cases, standings
from concord_routing.domain.case import ROUTED, Case
from concord_routing.ports import CaseFilter, DueCursor

CASE_FIELDS = tuple(field.name for field in fields(Case))
COLUMN_FILTERS = tuple(
    field.name for field in fields(CaseFilter) if field.name not in ("status", "promise", "is_open", "within")
)


def case_columns() -> Iterator[Any]:
    """Return the columns of `CASES` in the order of Case's fields."""
    return map(of_case, CASE_FIELDS)


def cases_in_order(connection: Connection, where: CaseFilter, after: int, limit: int) -> list[tuple[int, Case]]:
    """Return cases in the order of opening."""
    place = cases.c.seq if where.promise is None else standings.c.seq  # equal, but in the narrower table
    query = _query(where, after).order_by(place).limit(limit)
    return [(row[0], Case(*row[1:])) for row in connection.execute(query)]


def cases_by_due(
    connection: Connection, where: CaseFilter, after: DueCursor | None, limit: int
) -> list[tuple[DueCursor, Case]]:
    """Return cases in the order of promised responses.

    Cases without a promise come last, by a second query: the two databases sort null differently.
    """
    rows = [] if after and after.respond_by is None else _promised(connection, where, after, limit)
    if len(rows) < limit:
        seq = after.seq if after and after.respond_by is None else 0
        rows += _without_promise(connection, where, seq, limit - len(rows))
    return rows


def _promised(
    connection: Connection, where: CaseFilter, after: DueCursor | None, limit: int
) -> list[tuple[DueCursor, Case]]:
    position = tuple_(cases.c.respond_by, cases.c.seq)
    query = _query(where).where(cases.c.respond_by.is_not(null()))
    if after is not None:
        types = [column.type for column in position.clauses]
        query = query.where(position > tuple_(after.respond_by, after.seq, types=types))
    return _with_cursors(connection, query.order_by(cases.c.respond_by, cases.c.seq), limit)


def _without_promise(connection: Connection, where: CaseFilter, seq: int, limit: int) -> list[tuple[DueCursor, Case]]:
    query = _query(where, seq).where(cases.c.respond_by.is_(null()))
    return _with_cursors(connection, query.order_by(cases.c.seq), limit)


def _with_cursors(connection: Connection, query: Select[Any], limit: int) -> list[tuple[DueCursor, Case]]:
    pairs = ((row[0], Case(*row[1:])) for row in connection.execute(query.limit(limit)))
    return [(DueCursor(case.respond_by, seq), case) for seq, case in pairs]


def in_scope(scope: Scope, query: Select[Any]) -> Select[Any]:
    """Return the query with only the `cases` that the scope covers."""
    for column, granted in ((cases.c.team, scope.teams), (cases.c.area, scope.areas)):
        if granted is not None and len(granted) == 1:
            query = query.where(column == next(iter(granted)))
        elif granted is not None:
            query = query.where(column.in_(sorted(granted)))
    return query


def _query(where: CaseFilter, after: int | None = None) -> Select[Any]:
    """Selects all cases, or those from the place after `after`."""
    rows = all_cases(after) if where.promise is None else cases_with_standing(after)
    query = in_scope(where.within, select(cases.c.seq, *case_columns()).select_from(rows))
    if after is not None:
        query = query.where(cases.c.seq > after)
    if where.is_open:
        query = query.where(OPEN)
    if where.promise is not None:
        query = query.where(standings.c.promise == where.promise)
    for name in COLUMN_FILTERS:
        value = getattr(where, name)
        query = query if value is None else query.where(cases.c[name] == value)
    if where.status is None:
        return query
    return query.where(cases.c.reason.is_(null()) if where.status == ROUTED else cases.c.reason.is_not(null()))
