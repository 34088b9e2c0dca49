"""Queries of the ops page on one generation. See `ports.OpsStore`."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.engine import Connection

from concord_bus.adapters.sql.tables import inbox
from concord_metrics.adapters.tables import Generation
from concord_metrics.domain.aggregate_columns import COLUMN_GROUPS, COLUMN_INDEX, COUNTS
from concord_metrics.domain.aggregates import ZERO, Aggregate
from concord_metrics.domain.trends import DayCounts

COUNTS_OF_GROUPS = tuple(tuple(name for name in columns if name in COUNTS) for columns in COLUMN_GROUPS)


class OpsQueries:
    """Mixin of the SQL store."""

    _connection: Connection
    _tables: Generation

    def last_change(self) -> Any:
        """The time of the last event, from an index, and the live generation."""
        seen_at = self._connection.execute(select(func.max(inbox.c.seen_at))).scalar()
        return seen_at, self._tables.name

    def last_day(self, until: date) -> date | None:
        daily = self._tables.daily[0]
        query = select(func.max(daily.c.day)).where(daily.c.day <= until, daily.c.received > 0)
        day: date | None = self._connection.execute(query).scalar()
        return day

    def counts_by_day(self, first: date, last: date) -> dict[date, DayCounts]:
        routing, actions = self._tables.daily[:2]
        received = self._daily_sums(routing, ("received",), first, last)
        acted = self._daily_sums(actions, ("acknowledged", "resolved"), first, last)
        return {day: DayCounts(*received.get(day, (0,)), *acted.get(day, (0, 0))) for day in received | acted}

    def counts_by_area(self, first: date | None, last: date | None) -> dict[str, Aggregate]:
        areas: dict[str, Aggregate] = {}
        tables = self._tables.overall if first is None else self._tables.daily
        for table, names in zip(tables, COUNTS_OF_GROUPS, strict=True):
            query = select(table.c.area, *(func.sum(table.c[name]) for name in names)).group_by(table.c.area)
            if first is not None:
                query = query.where(table.c.day.between(first, last))
            for area, *sums in self._connection.execute(query):
                aggregate = areas.setdefault(area, ZERO.copy())
                for name, value in zip(names, sums, strict=True):
                    aggregate[COLUMN_INDEX[name]] = int(value)
        return areas

    def _daily_sums(self, table: Table, names: Sequence[str], first: date, last: date) -> dict[date, tuple[int, ...]]:
        sums = (func.sum(table.c[name]) for name in names)
        query = select(table.c.day, *sums).where(table.c.day.between(first, last)).group_by(table.c.day)
        return {row[0]: tuple(map(int, row[1:])) for row in self._connection.execute(query)}
