"""Pages of cases: each is a walk along an index from where the page before ended, never a count of rows to skip.

One alone may be none: in the order of promised responses, of cases with a certain standing, if those are few. Then
PostgreSQL reads these few and sorts them.
"""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from sqlalchemy import Select, null, select, tuple_
from sqlalchemy.engine import Connection

from concord_access import Scope
from concord_routing.adapters.promise_status import cases_with_standing, of_case, standing_cases
from concord_routing.adapters.tables import cases, standings
from concord_routing.domain.case import ROUTED, Case
from concord_routing.ports import DuePlace, Filter

CASE_FIELDS = tuple(field.name for field in fields(Case))
FILTERS = tuple(field.name for field in fields(Filter) if field.name not in ("status", "promise", "within"))


def case_columns() -> Iterator[Any]:
    """The columns of `CASES` in the order of Case's fields."""
    return map(of_case, CASE_FIELDS)


def cases_in_order(connection: Connection, wanted: Filter, after: int, limit: int) -> list[tuple[int, Case]]:
    """In the order of opening."""
    place = cases.c.seq if wanted.promise is None else standings.c.seq  # the same, but in the narrower table
    query = _wanted(wanted, after).order_by(place).limit(limit)
    return [(row[0], Case(*row[1:])) for row in connection.execute(query)]


def cases_by_due(
    connection: Connection, wanted: Filter, after: DuePlace | None, limit: int
) -> list[tuple[DuePlace, Case]]:
    """In the order of promised responses. Those without one come last: the two databases sort null differently."""
    found = [] if after and after.respond_by is None else _promised(connection, wanted, after, limit)
    if len(found) < limit:
        seq = after.seq if after and after.respond_by is None else 0
        found += _without_promise(connection, wanted, seq, limit - len(found))
    return found


def _promised(
    connection: Connection, wanted: Filter, after: DuePlace | None, limit: int
) -> list[tuple[DuePlace, Case]]:
    place = tuple_(cases.c.respond_by, cases.c.seq)
    query = _wanted(wanted).where(cases.c.respond_by.is_not(null()))
    if after is not None:
        query = query.where(place > tuple_(after.respond_by, after.seq, types=[each.type for each in place.clauses]))
    return _placed(connection, query.order_by(cases.c.respond_by, cases.c.seq), limit)


def _without_promise(connection: Connection, wanted: Filter, seq: int, limit: int) -> list[tuple[DuePlace, Case]]:
    query = _wanted(wanted, seq).where(cases.c.respond_by.is_(null()))
    return _placed(connection, query.order_by(cases.c.seq), limit)


def _placed(connection: Connection, query: Select[Any], limit: int) -> list[tuple[DuePlace, Case]]:
    rows = connection.execute(query.limit(limit))
    found = ((row[0], Case(*row[1:])) for row in rows)
    return [(DuePlace(case.respond_by, seq), case) for seq, case in found]


def in_scope(scope: Scope, query: Select[Any]) -> Select[Any]:
    """Only what of `cases` the scope covers."""
    for column, granted in ((cases.c.team, scope.teams), (cases.c.area, scope.areas)):
        if granted is not None and len(granted) == 1:
            query = query.where(column == next(iter(granted)))
        elif granted is not None:
            query = query.where(column.in_(sorted(granted)))
    return query


def _wanted(wanted: Filter, after: int | None = None) -> Select[Any]:
    """Of all cases, or of those `after` a place in the order of opening."""
    rows = cases_with_standing(after) if wanted.promise is None else standing_cases(after)
    query = in_scope(wanted.within, select(cases.c.seq, *case_columns()).select_from(rows))
    if after is not None:
        query = query.where(cases.c.seq > after)
    if wanted.promise is not None:
        query = query.where(standings.c.promise == wanted.promise)
    for name in FILTERS:
        value = getattr(wanted, name)
        query = query if value is None else query.where(cases.c[name] == value)
    if wanted.status is None:
        return query
    return query.where(cases.c.reason.is_(null()) if wanted.status == ROUTED else cases.c.reason.is_not(null()))
