"""Changing many rows, each known by its key, at a database driver's own speed. Beside `bulk`, which inserts them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.engine import Connection, Dialect

from concord_bus.adapters.sql.postgres_arrays import rows_from_arrays


class BulkUpdate:
    """Sets the columns `given` of rows of `table`, and whatever the SQL of `besides` sets in each.

    Rows are tuples of their `key` and then of what is given: texts and numbers, which need no preparation.
    """

    def __init__(self, table: Table, key: Sequence[str], given: Sequence[str] = (), extra_sql: str = "") -> None:
        self._table = table
        self._key = tuple(key)
        self._given = tuple(given)
        self._extra_sql = [extra_sql] if extra_sql else []
        self._types: list[str] = []

    def write(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Change the rows: on PostgreSQL in one round trip, on SQLite one after the other."""
        if not rows:
            return
        if connection.dialect.name == "postgresql":
            sql, parameters = self._arrays_sql(connection.dialect, rows)
            connection.exec_driver_sql(sql, parameters)
        else:
            connection.exec_driver_sql(self._rows_sql(), [tuple(row) for row in rows])

    def _rows_sql(self) -> str:
        marks = {name: f"?{place}" for place, name in enumerate((*self._key, *self._given), 1)}
        return self._update(marks) + self._where("", marks)

    def _arrays_sql(self, dialect: Dialect, rows: Sequence[Sequence[Any]]) -> tuple[str, Any]:
        names = (*self._key, *self._given)
        types = self._types = self._types or [self._table.c[name].type.compile(dialect) for name in names]
        columns = zip(types, zip(*rows, strict=True), strict=True)
        found = rows_from_arrays(dict(zip(names, columns, strict=True)), unmeasured=True)
        sql = f"{self._update(found.values)} FROM {found.rows}{self._where(f'{self._table.name}.', found.values)}"
        return sql, found.parameters

    def _update(self, marks: Mapping[str, str]) -> str:
        sets = [*(f"{name} = {marks[name]}" for name in self._given), *self._extra_sql]
        return f"UPDATE {self._table.name} SET {', '.join(sets)}"

    def _where(self, table: str, marks: Mapping[str, str]) -> str:
        return " WHERE " + " AND ".join(f"{table}{name} = {marks[name]}" for name in self._key)
