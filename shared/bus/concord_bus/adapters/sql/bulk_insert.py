"""Inserts many rows at the speed of the database driver.

SQLAlchemy converts each parameter of each row, which costs more than the database itself. A `Bulk` converts whole
columns. SQLite takes the rows as they are, PostgreSQL one text per column in a single round trip (`postgres_arrays`).
"""

from collections.abc import Callable, Iterable, Sequence
from enum import Enum
from operator import attrgetter
from typing import Any

from sqlalchemy import Column, LargeBinary, Table
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.types import TypeEngine

from concord_bus.adapters.sql.column_types import UtcDateTime, sqlite_texts
from concord_bus.adapters.sql.postgres_arrays import rows_from_arrays

Row = Sequence[Any]
Processor = Callable[[Sequence[Any]], Sequence[Any]]
"""Converts the values of a column for the driver."""


class OnConflict(Enum):
    """The treatment of a row with an existing key."""

    KEEP = "keep"
    REPLACE = "replace"
    ADD = "add"


class Bulk:
    """Inserts rows into `columns` of `table`: tuples in that order, each value of its column's own type.

    With a `key`, an existing row stays, changes, or has the other columns added to it. Use each key once per call:
    PostgreSQL refuses to change a row twice.
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
        self._row_of = attrgetter(*columns)
        self._key = tuple(key)
        self._on_conflict = on_conflict
        self._prepared: dict[str, tuple[list[str], list[tuple[int, Processor]]]] = {}

    def write(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Write the rows in order, and return the number written: fewer than given when some stayed as they were."""
        if not rows:
            return 0
        types, processors = self._prepare(connection.dialect)
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        for place, process in processors:
            columns[place] = process(columns[place])
        postgresql = connection.dialect.name == "postgresql"
        sql, parameters = self._arrays_sql(columns, types) if postgresql else self._rows_sql(columns)
        return connection.exec_driver_sql(sql + self._conflict(), parameters).rowcount

    def write_records(self, connection: Connection, records: Iterable[object]) -> int:
        """Write objects that have the columns as attributes, at least two, like `write`."""
        return self.write(connection, list(map(self._row_of, records)))

    def _prepare(self, dialect: Dialect) -> tuple[list[str], list[tuple[int, Processor]]]:
        """Return the SQL types of the columns, and the conversions by column."""
        if dialect.name not in self._prepared:
            by_place = enumerate(_processor(column.type, dialect) for column in self._columns)
            processors = [(place, process) for place, process in by_place if process]
            self._prepared[dialect.name] = ([column.type.compile(dialect) for column in self._columns], processors)
        return self._prepared[dialect.name]

    def _into(self) -> str:
        names = ", ".join(f'"{column.name}"' for column in self._columns)
        return f'INSERT INTO "{self._table.name}" ({names})'

    def _rows_sql(self, columns: Sequence[Sequence[Any]]) -> tuple[str, Any]:
        marks = ", ".join("?" for _ in self._columns)
        return f"{self._into()} VALUES ({marks})", list(zip(*columns, strict=True))

    def _arrays_sql(self, columns: Sequence[Sequence[Any]], types: Sequence[str]) -> tuple[str, Any]:
        rows = rows_from_arrays({f"c{place}": column for place, column in enumerate(zip(types, columns, strict=True))})
        return f"{self._into()} SELECT {', '.join(rows.values.values())} FROM {rows.rows}", rows.parameters

    def _conflict(self) -> str:
        if not self._key:
            return ""
        on = f" ON CONFLICT ({', '.join(self._key)}) DO "
        rest = [column.name for column in self._columns if column.name not in self._key]
        if self._on_conflict is OnConflict.KEEP or not rest:
            return on + "NOTHING"
        existing = f'"{self._table.name}".' if self._on_conflict is OnConflict.ADD else None
        sets = (f'"{name}" = ' + (f'{existing}"{name}" + ' if existing else "") + f'excluded."{name}"' for name in rest)
        return on + "UPDATE SET " + ", ".join(sets)


def _processor(kind: TypeEngine[Any], dialect: Dialect) -> Processor | None:
    """Return None for a type that the driver takes as it is, such as bytes."""
    if isinstance(kind, UtcDateTime) and dialect.name == "sqlite":
        return sqlite_texts
    each = None if isinstance(kind, LargeBinary) else kind.dialect_impl(dialect).bind_processor(dialect)
    return (lambda column: [None if value is None else each(value) for value in column]) if each else None
