"""Writing many rows at a database driver's own speed.

SQLAlchemy prepares each parameter of each row, which costs more than the database does. A `Bulk` does it for a column
at a time: SQLite takes rows as they are, PostgreSQL takes one text for each column in a single round trip (`arrays`).
"""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Any

from sqlalchemy import Column, LargeBinary, Table
from sqlalchemy.engine import Connection, Dialect
from sqlalchemy.types import TypeEngine

from concord_bus.adapters.sql.column_types import UtcDateTime, sqlite_texts
from concord_bus.adapters.sql.postgres_arrays import rows_from_arrays

Row = Sequence[Any]
Processor = Callable[[Sequence[Any]], Sequence[Any]]
"""Makes the values of a column fit for the driver."""


class OnConflict(Enum):
    """What becomes of a row whose key is there already."""

    KEEP = "keep"
    REPLACE = "replace"
    ADD = "add"


class Bulk:
    """Inserts rows into `columns` of `table`, given as tuples in that order, each value of its column's own type.

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
        self._prepared: dict[str, tuple[list[str], list[tuple[int, Processor]]]] = {}

    def write(self, connection: Connection, rows: Sequence[Row]) -> int:
        """Write the rows in their order; how many were written, less than given when some were kept as they were."""
        if not rows:
            return 0
        types, processors = self._prepare(connection.dialect)
        columns: list[Sequence[Any]] = list(zip(*rows, strict=True))
        for place, process in processors:
            columns[place] = process(columns[place])
        postgresql = connection.dialect.name == "postgresql"
        sql, given = self._arrays_sql(columns, types) if postgresql else self._rows_sql(columns)
        return connection.exec_driver_sql(sql + self._conflict(), given).rowcount

    def _prepare(self, dialect: Dialect) -> tuple[list[str], list[tuple[int, Processor]]]:
        """The columns' types, and what makes their values fit for the driver."""
        if dialect.name not in self._prepared:
            found = [(place, _processor(column.type, dialect)) for place, column in enumerate(self._columns)]
            processors = [(place, process) for place, process in found if process]
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
        kept = f'"{self._table.name}".' if self._on_conflict is OnConflict.ADD else None
        sets = (f'"{name}" = ' + (f'{kept}"{name}" + ' if kept else "") + f'excluded."{name}"' for name in rest)
        return on + "UPDATE SET " + ", ".join(sets)


def _processor(kind: TypeEngine[Any], dialect: Dialect) -> Processor | None:
    """None where the driver takes values as they are, as it does bytes."""
    if isinstance(kind, UtcDateTime) and dialect.name == "sqlite":
        return sqlite_texts
    each = None if isinstance(kind, LargeBinary) else kind.dialect_impl(dialect).bind_processor(dialect)
    return (lambda column: [None if value is None else each(value) for value in column]) if each else None
