"""A small sample of a column, at the same cost for any number of rows."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, select, true
from sqlalchemy.engine import Connection

ROWS_OF_AN_END = 100


def both_ends(
    connection: Connection,
    column: Column[Any],
    key: Sequence[Column[Any]],
    condition: ColumnElement[bool] | None = None,
    rows: int = ROWS_OF_AN_END,
) -> list[str]:
    """Return the values of the first and the last `rows` rows by `key`, each row once, without nulls.

    `key` and `condition` need an index.
    """
    read = select(*key, column).where(true() if condition is None else condition).limit(rows)
    found = {tuple(row[:-1]): row[-1] for row in connection.execute(read.order_by(*key))}
    if len(found) == rows:
        descending = read.order_by(*(each.desc() for each in key))
        found |= {tuple(row[:-1]): row[-1] for row in connection.execute(descending)}
    return [value for value in found.values() if value is not None]
