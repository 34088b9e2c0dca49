"""Queries for an officer's desk: the lengths of its lists, and the newest open cases for a search."""

from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from concord_access import Scope
from concord_routing.adapters.case_queries import case_columns, in_scope
from concord_routing.adapters.promise_status import CASES
from concord_routing.adapters.tables import OPEN, cases, tasks
from concord_routing.domain.case import Case
from concord_routing.ports import DeskCounts


class SqlDesk:
    """See `ports.Store`."""

    _connection: Connection

    def newest_open_cases(self, within: Scope, limit: int, before: int | None = None) -> list[tuple[int, Case]]:
        """Sorts the places of the open cases and then reads the rows of some: a row is long.

        A walk from the newest case would read all that have ended since; the sum keeps both databases from it.
        """
        newest = in_scope(within, select(cases.c.seq).where(OPEN))
        if before is not None:
            newest = newest.where(cases.c.seq < before)
        places = self._connection.scalars(newest.order_by((cases.c.seq + 0).desc()).limit(limit)).all()
        if not places:
            return []
        query = select(cases.c.seq, *case_columns()).select_from(CASES).where(cases.c.seq.in_(places))
        return [(row[0], Case(*row[1:])) for row in self._connection.execute(query.order_by(cases.c.seq.desc()))]

    def desk_counts(self, subject: str, due_before: datetime, cases_within: Scope, tasks_within: Scope) -> DeskCounts:
        of_cases = in_scope(cases_within, select(func.count()).select_from(cases).where(OPEN))
        due = self._connection.scalar(of_cases.where(cases.c.respond_by < due_before)) or 0
        mine = self._connection.scalar(of_cases.where(cases.c.assignee == subject)) or 0
        waiting = (
            select(tasks.c.kind, func.count())
            .select_from(tasks.join(cases, cases.c.case_id == tasks.c.case_id))
            .where(tasks.c.state == "open")
        )
        rows = self._connection.execute(in_scope(tasks_within, waiting).group_by(tasks.c.kind))
        return DeskCounts(due, mine, {row[0]: row[1] for row in rows})
