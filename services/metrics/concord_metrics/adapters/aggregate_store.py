"""Aggregate tables on SQLite or PostgreSQL, by day and over all days, one table for each column group.

Every process writes tables and rows in the same order, so two processes on PostgreSQL cannot deadlock.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Table, cast, func, select
from sqlalchemy.engine import Connection

from concord_bus.adapters.sql.bulk_insert import Bulk, OnConflict
from concord_metrics.domain.aggregate_columns import COLUMN_GROUPS, ROUTING, ROUTING_COUNTS
from concord_metrics.domain.aggregates import ZERO, Aggregate
from concord_metrics.domain.summary import DIMENSIONS, Group

_COUNTS = len(ROUTING_COUNTS)
_ROUTING = len(ROUTING)
_ENDS = [sum(map(len, COLUMN_GROUPS[: number + 1])) for number in range(len(COLUMN_GROUPS))]
_SLICES = [slice(end - len(columns), end) for end, columns in zip(_ENDS, COLUMN_GROUPS, strict=True)]
"""The position of each column group in an aggregate."""


class AggregateTables:
    """The aggregates of one kind of key."""

    def __init__(self, tables: Sequence[Table], key: Sequence[str]) -> None:
        routing, *others = tables
        self._routing = Bulk(routing, (*key, *ROUTING), key, OnConflict.ADD)
        self._routing_counts = Bulk(routing, (*key, *ROUTING_COUNTS), key, OnConflict.ADD)
        self._others = [
            (part, Bulk(table, (*key, *columns), key, OnConflict.ADD))
            for part, table, columns in zip(_SLICES[1:], others, COLUMN_GROUPS[1:], strict=True)
        ]

    def add(self, connection: Connection, changes: Mapping[Any, Aggregate]) -> None:
        """Add rows in their order. SQLite has one writer and needs no order, so it skips columns without a change."""
        routed = {key: amounts for key, amounts in changes.items() if any(amounts[:_ROUTING])}
        ordered = connection.dialect.name == "postgresql"
        timed = {key: amounts for key, amounts in routed.items() if ordered or any(amounts[_COUNTS:_ROUTING])}
        self._routing.write(connection, [(*key, *amounts[:_ROUTING]) for key, amounts in timed.items()])
        if len(timed) < len(routed):
            counts = [(*key, *amounts[:_COUNTS]) for key, amounts in routed.items() if key not in timed]
            self._routing_counts.write(connection, counts)
        for part, bulk in self._others:
            bulk.write(connection, [(*key, *amounts[part]) for key, amounts in changes.items() if any(amounts[part])])


def read_overall(connection: Connection, tables: Sequence[Table]) -> dict[Group, Aggregate]:
    """The aggregates over all days, the oldest group first."""
    pairs = zip(tables, COLUMN_GROUPS, strict=True)
    queries = [select(*_group(table), *(table.c[name] for name in columns)) for table, columns in pairs]
    queries[0] = queries[0].order_by(tables[0].c.id)
    return _join(map(connection.execute, queries))


def read_daily(connection: Connection, tables: Sequence[Table], first: Any, last: Any) -> dict[Group, Aggregate]:
    """The aggregates over the days from `first` to `last`, both inclusive; None is open."""
    pairs = zip(tables, COLUMN_GROUPS, strict=True)
    return _join(connection.execute(_days(table, columns, first, last)) for table, columns in pairs)


def _days(table: Table, columns: Sequence[str], first: Any, last: Any) -> Any:
    group = _group(table)
    query = select(*group, *(cast(func.sum(table.c[name]), BigInteger) for name in columns)).group_by(*group)
    query = query if first is None else query.where(table.c.day >= first)
    return query if last is None else query.where(table.c.day <= last)


def _group(table: Table) -> list[ColumnElement[Any]]:
    return [table.c[name] for name in DIMENSIONS]


def _join(results: Iterable[Any]) -> dict[Group, Aggregate]:
    aggregates: dict[Group, Aggregate] = {}
    for part, rows in zip(_SLICES, results, strict=True):
        for row in rows:
            group = tuple(row[:4])
            if group not in aggregates:
                aggregates[group] = ZERO.copy()
            aggregates[group][part] = row[4:]
    return aggregates
