"""What the ops page reads of the database besides the sums, of one generation. See `ports.OpsStore`."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Table, func, select
from sqlalchemy.engine import Connection

from concord_bus.adapters.sql.tables import inbox
from concord_metrics.adapters.tables import Generation
from concord_metrics.domain.aggregate_columns import AT, COUNTS, PARTS
from concord_metrics.domain.aggregates import ZERO, Tally
from concord_metrics.domain.trends import DayCounts

COUNTS_OF_PARTS = tuple(tuple(name for name in part if name in COUNTS) for part in PARTS)


def read_mark(connection: Connection, tables: Generation) -> Any:
    """The time of the last event taken in, by an index, and the generation that is shown."""
    seen = connection.execute(select(func.max(inbox.c.seen_at))).scalar()
    return seen, tables.name


def read_last_day(connection: Connection, tables: Generation, until: date) -> date | None:
    """The last local day, no later than `until`, on which a concern came in."""
    daily = tables.daily[0]
    query = select(func.max(daily.c.day)).where(daily.c.day <= until, daily.c.received > 0)
    found: date | None = connection.execute(query).scalar()
    return found


def read_by_day(connection: Connection, tables: Generation, first: date, last: date) -> dict[date, DayCounts]:
    """Counts by local day from `first` to `last`, both included."""
    way, work = tables.daily[:2]
    came = _days(connection, way, ("received",), first, last)
    done = _days(connection, work, ("acknowledged", "resolved"), first, last)
    return {day: DayCounts(*came.get(day, (0,)), *done.get(day, (0, 0))) for day in came | done}


def read_counts_by_area(
    connection: Connection, tables: Generation, first: date | None, last: date | None
) -> dict[str, Tally]:
    """Counts by area from `first` to `last`, both included; over all days without `first`."""
    found: dict[str, Tally] = {}
    for table, names in zip(tables.overall if first is None else tables.daily, COUNTS_OF_PARTS, strict=True):
        query = select(table.c.area, *(func.sum(table.c[name]) for name in names)).group_by(table.c.area)
        if first is not None:
            query = query.where(table.c.day.between(first, last))
        for area, *sums in connection.execute(query):
            tally = found.setdefault(area, ZERO.copy())
            for name, value in zip(names, sums, strict=True):
                tally[AT[name]] = int(value)
    return found


def _days(
    connection: Connection, table: Table, names: Sequence[str], first: date, last: date
) -> dict[date, tuple[int, ...]]:
    sums = (func.sum(table.c[name]) for name in names)
    query = select(table.c.day, *sums).where(table.c.day.between(first, last)).group_by(table.c.day)
    return {row[0]: tuple(map(int, row[1:])) for row in connection.execute(query)}
