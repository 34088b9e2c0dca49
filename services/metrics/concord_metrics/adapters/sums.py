"""The sums over facts on SQLite or PostgreSQL, by day and over all days, each in the two parts of `columns`.

Tables and rows are always written in the same order, so that two processes on PostgreSQL never wait in a circle.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Table, cast, delete, func, select
from sqlalchemy.engine import Connection

from concord_bus.adapters.sql.bulk import Bulk, OnConflict
from concord_metrics.adapters.tables import daily, daily_work, overall, overall_work
from concord_metrics.domain.columns import WAY, WAY_COUNTS, WORK
from concord_metrics.domain.summary import DIMENSIONS, Group
from concord_metrics.domain.tally import Cell, Tally

_COUNTS = len(WAY_COUNTS)
_WAY = len(WAY)
_NO_WORK = [0] * len(WORK)


class Sums:
    """The sums of one kind of key: a table for each part."""

    def __init__(self, way: Table, work: Table, key: Sequence[str]) -> None:
        self._way = Bulk(way, (*key, *WAY), key, OnConflict.ADD)
        self._counts = Bulk(way, (*key, *WAY_COUNTS), key, OnConflict.ADD)
        self._work = Bulk(work, (*key, *WORK), key, OnConflict.ADD)

    def add(self, connection: Connection, changes: Mapping[Any, Tally]) -> None:
        """Add rows in their order; SQLite, whose one writer needs no order, is spared the columns without a change."""
        moved = {key: tally for key, tally in changes.items() if any(tally[:_WAY])}
        ordered = connection.dialect.name == "postgresql"
        timed = {key: tally for key, tally in moved.items() if ordered or any(tally[_COUNTS:_WAY])}
        self._way.write(connection, [(*key, *tally[:_WAY]) for key, tally in timed.items()])
        if len(timed) < len(moved):
            rest = [(*key, *tally[:_COUNTS]) for key, tally in moved.items() if key not in timed]
            self._counts.write(connection, rest)
        worked = [(*key, *tally[_WAY:]) for key, tally in changes.items() if any(tally[_WAY:])]
        self._work.write(connection, worked)


DAILY = Sums(daily, daily_work, Cell._fields)
OVERALL = Sums(overall, overall_work, DIMENSIONS)


def forget_days(connection: Connection) -> None:
    """Drop the sums by day."""
    connection.execute(delete(daily))
    connection.execute(delete(daily_work))


def read_overall(connection: Connection, area: str | None) -> dict[Group, Tally]:
    """The sums over all days, the group that came first at the top."""
    way = select(*_group(overall), *(overall.c[name] for name in WAY)).order_by(overall.c.id)
    work = select(*_group(overall_work), *(overall_work.c[name] for name in WORK))
    if area is not None:
        way, work = way.where(overall.c.area == area), work.where(overall_work.c.area == area)
    return _joined(connection.execute(way), connection.execute(work))


def read_daily(connection: Connection, first: Any, last: Any, area: str | None) -> dict[Group, Tally]:
    """The sums over the days from `first` to `last`, both included; None is open."""
    queries = (_days(table, names, first, last, area) for table, names in ((daily, WAY), (daily_work, WORK)))
    return _joined(*(connection.execute(each) for each in queries))


def _days(table: Table, names: Sequence[str], first: Any, last: Any, area: str | None) -> Any:
    group = _group(table)
    query = select(*group, *(cast(func.sum(table.c[name]), BigInteger) for name in names)).group_by(*group)
    query = query if first is None else query.where(table.c.day >= first)
    query = query if last is None else query.where(table.c.day <= last)
    return query if area is None else query.where(table.c.area == area)


def _group(table: Table) -> list[ColumnElement[Any]]:
    return [table.c[name] for name in DIMENSIONS]


def _joined(way: Any, work: Any) -> dict[Group, Tally]:
    found: dict[Group, Tally] = {row[:4]: [*row[4:], *_NO_WORK] for row in way}
    for row in work:
        known = found.setdefault(row[:4], [0] * (_WAY + len(WORK)))
        known[_WAY:] = row[4:]
    return found
