"""Updates many rows by their keys at the speed of the database driver. `bulk_insert` inserts them."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Table
from sqlalchemy.engine import Connection, Dialect

from concord_bus.adapters.sql.postgres_arrays import rows_from_arrays


class BulkUpdate:
    """Sets `columns` in rows of `table`, and applies the SQL of `extra_sql` to each row.

    A row is a tuple of its `key` values and then of those columns: texts and numbers, which need no conversion.
    """

    def __init__(self, table: Table, key: Sequence[str], columns: Sequence[str] = (), extra_sql: str = "") -> None:
        self._table = table
        self._key = tuple(key)
        self._columns = tuple(columns)
        self._extra_sql = [extra_sql] if extra_sql else []
        self._types: list[str] = []

    def write(self, connection: Connection, rows: Sequence[Sequence[Any]]) -> None:
        """Update the rows: on PostgreSQL in one round trip, on SQLite one by one."""
        if not rows:
            return
        if connection.dialect.name == "postgresql":
            sql, parameters = self._arrays_sql(connection.dialect, rows)
            connection.exec_driver_sql(sql, parameters)
        else:
            connection.exec_driver_sql(self._rows_sql(), [tuple(row) for row in rows])

    def _rows_sql(self) -> str:
        marks = {name: f"?{place}" for place, name in enumerate((*self._key, *self._columns), 1)}
        return self._update(marks) + self._where("", marks)

    def _arrays_sql(self, dialect: Dialect, rows: Sequence[Sequence[Any]]) -> tuple[str, Any]:
        names = (*self._key, *self._columns)
        types = self._types = self._types or [self._table.c[name].type.compile(dialect) for name in names]
        values = zip(types, zip(*rows, strict=True), strict=True)
        arrays = rows_from_arrays(dict(zip(names, values, strict=True)), unmeasured=True)
        sql = f"{self._update(arrays.values)} FROM {arrays.rows}{self._where(f'{self._table.name}.', arrays.values)}"
        return sql, arrays.parameters

    def _update(self, marks: Mapping[str, str]) -> str:
        sets = [*(f"{name} = {marks[name]}" for name in self._columns), *self._extra_sql]
        return f"UPDATE {self._table.name} SET {', '.join(sets)}"

    def _where(self, table: str, marks: Mapping[str, str]) -> str:
        return " WHERE " + " AND ".join(f"{table}{name} = {marks[name]}" for name in self._key)
