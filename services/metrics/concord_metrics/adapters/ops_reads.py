"""What the ops page reads of the database besides the sums."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.engine import Connection

from concord_bus.adapters.sql.tables import inbox
from concord_metrics.adapters.tables import Generation
from concord_metrics.domain.columns import AT, COUNTS, PARTS
from concord_metrics.domain.tally import ZERO, Tally
from concord_metrics.domain.weeks import DayCounts

COUNTS_OF_PARTS = tuple(tuple(name for name in part if name in COUNTS) for part in PARTS)


class OpsReads:
    """See `ports.OpsStore`. Mixed into the store, whose connection and generation it uses."""

    _connection: Connection

    @property
    def _tables(self) -> Generation:
        raise NotImplementedError

    def mark(self) -> Any:
        """The time of the last event taken in, by an index, and the generation that is shown."""
        seen = self._connection.execute(select(func.max(inbox.c.seen_at))).scalar()
        return seen, self._tables.name

    def last_day(self, until: date) -> date | None:
        daily = self._tables.daily[0]
        query = select(func.max(daily.c.day)).where(daily.c.day <= until, daily.c.received > 0)
        found: date | None = self._connection.execute(query).scalar()
        return found

    def by_day(self, first: date, last: date) -> dict[date, DayCounts]:
        way, work = self._tables.daily[:2]
        came = self._days(way, ("received",), first, last)
        done = self._days(work, ("acknowledged", "resolved"), first, last)
        return {day: DayCounts(*came.get(day, (0,)), *done.get(day, (0, 0))) for day in came | done}

    def counts_by_area(self, first: date | None, last: date | None) -> dict[str, Tally]:
        tables = self._tables.overall if first is None else self._tables.daily
        found: dict[str, Tally] = {}
        for table, names in zip(tables, COUNTS_OF_PARTS, strict=True):
            query = select(table.c.area, *(func.sum(table.c[name]) for name in names)).group_by(table.c.area)
            if first is not None:
                query = query.where(table.c.day.between(first, last))
            for area, *sums in self._connection.execute(query):
                tally = found.setdefault(area, ZERO.copy())
                for name, value in zip(names, sums, strict=True):
                    tally[AT[name]] = int(value)
        return found

    def _days(self, table: Table, names: Sequence[str], first: date, last: date) -> dict[date, tuple[int, ...]]:
        sums = (func.sum(table.c[name]) for name in names)
        query = select(table.c.day, *sums).where(table.c.day.between(first, last)).group_by(table.c.day)
        return {row[0]: tuple(map(int, row[1:])) for row in self._connection.execute(query)}
