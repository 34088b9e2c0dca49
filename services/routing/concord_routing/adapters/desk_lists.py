"""The lists of the desk. The earliest promised response comes first, cases without one last.

The conditions leave the open cases of a scope, so the sorting of them costs little beside the reading.
"""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, func, literal, select, tuple_
from sqlalchemy.engine import Connection

from concord_bus.adapters.sql.column_types import UtcDateTime
from concord_routing.adapters.case_queries import case_columns, in_scope
from concord_routing.adapters.promise_status import CASES
from concord_routing.adapters.tables import cases, tasks
from concord_routing.domain.case import Case
from concord_routing.domain.desk_lists import MOST_COUNTED, STATES_OF_LIST, TASKS_OF_LIST, DeskFilter
from concord_routing.ports import DueCursor

NEVER = datetime(9999, 1, 1, tzinfo=UTC)
_due = func.coalesce(cases.c.respond_by, literal(NEVER, UtcDateTime()), type_=UtcDateTime())


class SqlDeskLists:
    """See `ports.Store`."""

    _connection: Connection

    def desk_list(self, where: DeskFilter, after: DueCursor | None, limit: int) -> list[tuple[DueCursor, Case]]:
        query = _filtered(where, select(cases.c.seq, *case_columns()).select_from(CASES))
        if after is not None:
            place = tuple_(literal(after.respond_by or NEVER, UtcDateTime()), literal(after.seq))
            query = query.where(tuple_(_due, cases.c.seq) > place)
        rows = self._connection.execute(query.order_by(_due, cases.c.seq).limit(limit))
        pairs = ((row[0], Case(*row[1:])) for row in rows)
        return [(DueCursor(case.respond_by, seq), case) for seq, case in pairs]

    def desk_count(self, where: DeskFilter) -> int:
        some = _filtered(where, select(cases.c.seq).select_from(cases)).limit(MOST_COUNTED)
        return self._connection.scalar(select(func.count()).select_from(some.subquery())) or 0


def _filtered(where: DeskFilter, query: Select[Any]) -> Select[Any]:
    query = in_scope(where.within, query.where(_on_list(where.name)))
    if where.area is not None:
        query = query.where(cases.c.area == where.area)
    if where.category is not None:
        query = query.where(cases.c.category == where.category)
    if where.assignee is not None:
        query = query.where(cases.c.assignee == where.assignee)
    return query


def _on_list(name: str) -> ColumnElement[bool]:
    if name in STATES_OF_LIST:
        return cases.c.state.in_(STATES_OF_LIST[name])
    its = (tasks.c.case_id == cases.c.case_id, tasks.c.state == "open", tasks.c.kind.in_(TASKS_OF_LIST[name]))
    return exists().where(*its)
