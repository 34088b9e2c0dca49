"""The store on SQLite or PostgreSQL."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import fields
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import TextClause, func, select, text
from sqlalchemy.engine import Connection

from concord_bus.adapters.sql.bulk import Bulk, OnConflict
from concord_bus.adapters.sql.dialect import each_of
from concord_routing.adapters.tables import cases, metadata, outcomes, tasks
from concord_routing.domain.case import Case, Task
from concord_routing.ports import Counts, Filter

__all__ = ["SqlStore", "metadata"]

CASE_FIELDS = tuple(field.name for field in fields(Case))
TASK_FIELDS = tuple(field.name for field in fields(Task))
FILTERS = tuple(field.name for field in fields(Filter))
_add_cases = Bulk(cases, CASE_FIELDS, ("concern_id",))
_add_tasks = Bulk(tasks, TASK_FIELDS)
_count = Bulk(outcomes, ("outcome", "cases"), ("outcome",), OnConflict.ADD)
_concern = attrgetter("concern_id")
_case_row = attrgetter(*CASE_FIELDS)
_task_row = attrgetter(*TASK_FIELDS)


class SqlStore:
    """See `ports.Store`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

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
        dialect = self._connection.dialect.name
        concerns = [each.concern_id for each in cases]
        ids: Any = concerns if dialect == "postgresql" else json.dumps(concerns)
        holders = {row[0] for row in self._connection.execute(_of_concerns(dialect), {"ids": ids})}
        return [each for each in cases if each.case_id in holders]

    def add(self, tasks: Sequence[Task]) -> None:
        _add_tasks.write(self._connection, [_task_row(each) for each in tasks])

    def case(self, case_id: str) -> Case | None:
        query = select(*(cases.c[name] for name in CASE_FIELDS)).where(cases.c.case_id == case_id)
        row = self._connection.execute(query).first()
        return None if row is None else Case(*row)

    def cases(self, wanted: Filter, after: int, limit: int) -> list[tuple[int, Case]]:
        columns = (cases.c[name] for name in CASE_FIELDS)
        query = select(cases.c.seq, *columns).where(cases.c.seq > after).order_by(cases.c.seq).limit(limit)
        for name in FILTERS:
            value = getattr(wanted, name)
            query = query if value is None else query.where(cases.c[name] == value)
        return [(row[0], Case(*row[1:])) for row in self._connection.execute(query)]

    def tasks(self, after: int, limit: int) -> list[tuple[int, Task]]:
        columns = (tasks.c[name] for name in TASK_FIELDS)
        open_ones = select(tasks.c.seq, *columns).where(tasks.c.seq > after, tasks.c.state == "open")
        query = open_ones.order_by(tasks.c.seq).limit(limit)
        return [(row[0], Task(*row[1:])) for row in self._connection.execute(query)]

    def counts(self) -> Counts:
        by_outcome = {row[0]: row[1] for row in self._connection.execute(select(outcomes.c.outcome, outcomes.c.cases))}
        waiting = select(func.count()).select_from(tasks).where(tasks.c.state == "open")
        return Counts(by_outcome, self._connection.execute(waiting).scalar_one())


@cache
def _of_concerns(dialect: str) -> TextClause:
    return text(f"SELECT case_id FROM cases WHERE concern_id IN (SELECT each.value FROM {each_of(dialect, 'ids')})")
