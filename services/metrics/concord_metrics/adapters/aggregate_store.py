"""The sums over facts on SQLite or PostgreSQL, by day and over all days, each in the parts of `columns`.

Tables and rows are always written in the same order, so that two processes on PostgreSQL never wait in a circle.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Table, cast, func, select
from sqlalchemy.engine import Connection

from concord_bus.adapters.sql.bulk_insert import Bulk, OnConflict
from concord_metrics.domain.aggregate_columns import PARTS, WAY, WAY_COUNTS
from concord_metrics.domain.aggregates import ZERO, Tally
from concord_metrics.domain.summary import DIMENSIONS, Group

_COUNTS = len(WAY_COUNTS)
_WAY = len(WAY)
_ENDS = [sum(map(len, PARTS[: place + 1])) for place in range(len(PARTS))]
_PLACES = [slice(end - len(part), end) for end, part in zip(_ENDS, PARTS, strict=True)]
"""Where each part lies in a tally."""


class Sums:
    """The sums of one kind of key: a table for each part."""

    def __init__(self, tables: Sequence[Table], key: Sequence[str]) -> None:
        way, *rest = tables
        self._way = Bulk(way, (*key, *WAY), key, OnConflict.ADD)
        self._counts = Bulk(way, (*key, *WAY_COUNTS), key, OnConflict.ADD)
        self._rest = [
            (place, Bulk(table, (*key, *names), key, OnConflict.ADD))
            for place, table, names in zip(_PLACES[1:], rest, PARTS[1:], strict=True)
        ]

    def add(self, connection: Connection, changes: Mapping[Any, Tally]) -> None:
        """Add rows in their order; SQLite, whose one writer needs no order, is spared the columns without a change."""
        moved = {key: tally for key, tally in changes.items() if any(tally[:_WAY])}
        ordered = connection.dialect.name == "postgresql"
        timed = {key: tally for key, tally in moved.items() if ordered or any(tally[_COUNTS:_WAY])}
        self._way.write(connection, [(*key, *tally[:_WAY]) for key, tally in timed.items()])
        if len(timed) < len(moved):
            rest = [(*key, *tally[:_COUNTS]) for key, tally in moved.items() if key not in timed]
            self._counts.write(connection, rest)
        for place, bulk in self._rest:
            bulk.write(connection, [(*key, *tally[place]) for key, tally in changes.items() if any(tally[place])])


def read_overall(connection: Connection, tables: Sequence[Table], area: str | None) -> dict[Group, Tally]:
    """The sums over all days, the group that came first at the top."""
    queries = []
    for table, names in zip(tables, PARTS, strict=True):
        query = select(*_group(table), *(table.c[name] for name in names))
        query = query if area is None else query.where(table.c.area == area)
        queries.append(query.order_by(table.c.id) if table is tables[0] else query)
    return _joined(connection.execute(each) for each in queries)


def read_daily(
    connection: Connection, tables: Sequence[Table], first: Any, last: Any, area: str | None
) -> dict[Group, Tally]:
    """The sums over the days from `first` to `last`, both included; None is open."""
    pairs = zip(tables, PARTS, strict=True)
    return _joined(connection.execute(_days(table, names, first, last, area)) for table, names in pairs)


def _days(table: Table, names: Sequence[str], first: Any, last: Any, area: str | None) -> Any:
    group = _group(table)
    query = select(*group, *(cast(func.sum(table.c[name]), BigInteger) for name in names)).group_by(*group)
    query = query if first is None else query.where(table.c.day >= first)
    query = query if last is None else query.where(table.c.day <= last)
    return query if area is None else query.where(table.c.area == area)


def _group(table: Table) -> list[ColumnElement[Any]]:
    return [table.c[name] for name in DIMENSIONS]


def _joined(parts: Iterable[Any]) -> dict[Group, Tally]:
    found: dict[Group, Tally] = {}
    for place, rows in zip(_PLACES, parts, strict=True):
        for row in rows:
            group = tuple(row[:4])
            if group not in found:
                found[group] = ZERO.copy()
            found[group][place] = row[4:]
    return found
