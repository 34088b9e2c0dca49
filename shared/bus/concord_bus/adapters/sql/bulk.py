"""Writing many rows at a database driver's own speed.

SQLAlchemy prepares each parameter of each row, which costs more than the database does. A `Bulk` prepares its
statement once: SQLite takes rows as they are, PostgreSQL takes one array for each column in a single round trip.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from sqlalchemy import Column, Table
from sqlalchemy.engine import Connection

Row = Sequence[Any]
Processor = Callable[[Any], Any]


class OnConflict(Enum):
    """What becomes of a row whose key is there already."""

    KEEP = "keep"
    REPLACE = "replace"
    ADD = "add"


class Bulk:
    """Inserts rows into `columns` of `table`, given as tuples in that order.

    With `key` a row that is there already is kept, replaced, or has the other columns added to it. PostgreSQL refuses
    to replace or add twice to one row in one call, so each key may be given once.
    """

    def __init__(
        self,
        table: Table,
        columns: Sequence[str],
        key: Sequence[str] = (),
        on_conflict: OnConflict = OnConflict.KEEP,
    ) -> None:
        self._table = table
        self._columns: list[Column[Any]] = [table.c[name] for name in columns]
        self._key = tuple(key)
        self._on_conflict = on_conflict
        self._prepared: dict[str, tuple[str, list[tuple[int, Processor]]]] = {}

    def write(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Write the rows in their order; how many were written, less than given when some were kept as they were."""
        if not rows:
            return 0
        sql, processors = self._prepare(connection)
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        for place, process in processors:
            columns[place] = [None if value is None else process(value) for value in columns[place]]
        postgresql = connection.dialect.name == "postgresql"
        given: Any = tuple(map(list, columns)) if postgresql else list(zip(*columns, strict=True))
        return connection.exec_driver_sql(sql, given).rowcount

    def _prepare(self, connection: Connection) -> tuple[str, list[tuple[int, Processor]]]:
        name = connection.dialect.name
        if name not in self._prepared:
            dialect = connection.dialect
            found = (column.type.dialect_impl(dialect).bind_processor(dialect) for column in self._columns)
            processors: list[tuple[int, Processor]] = [
                (place, process) for place, process in enumerate(found) if process
            ]
            self._prepared[name] = (self._insert(connection) + self._conflict(), processors)
        return self._prepared[name]

    def _insert(self, connection: Connection) -> str:
        names = ", ".join(f'"{column.name}"' for column in self._columns)
        if connection.dialect.name == "postgresql":
            types = (column.type.compile(connection.dialect) for column in self._columns)
            arrays = ", ".join(f"%s::{each}[]" for each in types)
            return f'INSERT INTO "{self._table.name}" ({names}) SELECT * FROM unnest({arrays})'
        marks = ", ".join("?" for _ in self._columns)
        return f'INSERT INTO "{self._table.name}" ({names}) VALUES ({marks})'

    def _conflict(self) -> str:
        if not self._key:
            return ""
        on = f" ON CONFLICT ({', '.join(self._key)}) DO "
        rest = [column.name for column in self._columns if column.name not in self._key]
        if self._on_conflict is OnConflict.KEEP or not rest:
            return on + "NOTHING"
        kept = f'"{self._table.name}".' if self._on_conflict is OnConflict.ADD else None
        sets = (f'"{name}" = ' + (f'{kept}"{name}" + ' if kept else "") + f'excluded."{name}"' for name in rest)
        return on + "UPDATE SET " + ", ".join(sets)
