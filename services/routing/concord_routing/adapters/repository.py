"""The store on SQLite or PostgreSQL."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import Select, TextClause, func, select, text, update

from concord_access import EVERYWHERE, Scope
from concord_bus.adapters.sql.bulk_insert import Bulk, OnConflict
from concord_bus.adapters.sql.dialect import each_of
from concord_routing.adapters.case_queries import CASE_FIELDS, cases_by_due, cases_in_order, in_scope
from concord_routing.adapters.promise_repository import SqlPromises
from concord_routing.adapters.tables import cases, history, metadata, outcomes, tasks
from concord_routing.adapters.work import SqlWork
from concord_routing.domain.case import TASK_KINDS, TRIAGE, Case, Task
from concord_routing.domain.history import Entry
from concord_routing.ports import Counts, DuePlace, Filter

__all__ = ["SqlStore", "metadata"]

OPENED = tuple(name for name in CASE_FIELDS if name not in ("version", "last_word_at", "promise"))
"""What a new case has not is the column's default: opening is what must be fast."""
TASK_FIELDS = tuple(field.name for field in fields(Task) if field.name != "team")
_add_cases = Bulk(cases, OPENED, ("concern_id",))
_add_tasks = Bulk(tasks, TASK_FIELDS, ("case_id", "kind"), OnConflict.REPLACE)
_count = Bulk(outcomes, ("outcome", "cases"), ("outcome",), OnConflict.ADD)
_concern = attrgetter("concern_id")
_case_row = attrgetter(*OPENED)
_task_row = attrgetter(*TASK_FIELDS)


class SqlStore(SqlWork, SqlPromises):
    """See `ports.Store`."""

    def open(self, cases: Sequence[Case]) -> list[Case]:
        """In the order of their concerns, so that two processes with the same ones never wait for each other."""
        if not cases:
            return []
        ordered = sorted(cases, key=_concern)
        written = _add_cases.write(self._connection, [_case_row(each) for each in ordered])
        kept = list(cases) if written == len(cases) else self._kept(cases)
        # These few rows are shared by all processes and locked until the commit: written late, in one order.
        _count.write(self._connection, sorted(Counter(each.outcome for each in kept).items()))
        return kept

    def _kept(self, cases: Sequence[Case]) -> list[Case]:
        """Those that were written: of the others the concern had a case already."""
        ids = json.dumps([each.concern_id for each in cases])
        found = self._connection.execute(_of_concerns(self._connection.dialect.name), {"ids": ids})
        holders = {row[0] for row in found}
        return [each for each in cases if each.case_id in holders]

    def add(self, tasks: Sequence[Task]) -> None:
        _add_tasks.write(self._connection, [_task_row(each) for each in tasks])

    def history(self, case_id: str) -> list[Entry]:
        columns = (history.c[field.name] for field in fields(Entry))
        query = select(*columns).where(history.c.case_id == case_id).order_by(history.c.version)
        return [Entry(*row) for row in self._connection.execute(query)]

    def cases(self, wanted: Filter, after: int, limit: int) -> list[tuple[int, Case]]:
        return cases_in_order(self._connection, wanted, after, limit)

    def cases_by_due(self, wanted: Filter, after: DuePlace | None, limit: int) -> list[tuple[DuePlace, Case]]:
        return cases_by_due(self._connection, wanted, after, limit)

    def tasks(self, after: int, limit: int, within: Scope = EVERYWHERE) -> list[tuple[int, Task]]:
        columns = (tasks.c[name] for name in TASK_FIELDS)
        of_case = tasks.join(cases, cases.c.case_id == tasks.c.case_id)
        open_ones: Select[Any] = (
            select(tasks.c.seq, *columns, cases.c.team)
            .select_from(of_case)
            .where(tasks.c.seq > after, tasks.c.state == "open")
        )
        if within != EVERYWHERE:
            open_ones = in_scope(within, open_ones)
        query = open_ones.order_by(tasks.c.seq).limit(limit)
        return [(row[0], Task(*row[1:])) for row in self._connection.execute(query)]

    def set_task(self, case_id: str, kind: str = TRIAGE, *, waits: bool) -> None:
        its = (tasks.c.case_id == case_id, tasks.c.kind == kind)
        self._connection.execute(update(tasks).where(*its).values(state="open" if waits else "done"))

    def counts(self) -> Counts:
        by_outcome = {row[0]: row[1] for row in self._connection.execute(select(outcomes.c.outcome, outcomes.c.cases))}
        waiting = select(tasks.c.kind, func.count()).where(tasks.c.state == "open").group_by(tasks.c.kind)
        by_kind = {row[0]: row[1] for row in self._connection.execute(waiting)}
        return Counts(by_outcome, *(by_kind.get(each, 0) for each in TASK_KINDS))


@cache
def _of_concerns(dialect: str) -> TextClause:
    return text(f"SELECT case_id FROM cases WHERE concern_id IN (SELECT each.value FROM {each_of(dialect, 'ids')})")
