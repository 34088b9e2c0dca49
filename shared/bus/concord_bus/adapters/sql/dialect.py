"""The statements that differ between SQLite and PostgreSQL."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from sqlalchemy import Table
from sqlalchemy.engine import Connection


def insert_into(table: Table, dialect: str) -> Any:
    """Return the INSERT of `dialect`, which has ON CONFLICT. Loads one dialect's module only: the other takes 3 MiB."""
    return import_module(f"sqlalchemy.dialects.{dialect}").insert(table)


def upsert(connection: Connection, table: Table, key: Sequence[str], update: Sequence[str] = ()) -> Any:
    """Return an INSERT for `connection`'s database that updates the columns `update` when `key` exists.

    Without `update` the existing row stays as it is. Execute it with a list of dicts.
    """
    statement = insert_into(table, connection.dialect.name)
    if not update:
        return statement.on_conflict_do_nothing(index_elements=list(key))
    changes = {name: statement.excluded[name] for name in update}
    return statement.on_conflict_do_update(index_elements=list(key), set_=changes)


def each_of(dialect: str, parameter: str) -> str:
    """Return SQL for a column `value` of texts from one parameter, a JSON list. PostgreSQL refuses a NUL with
    DataError.

    PostgreSQL parses an array of psycopg2 value by value and plans for as many rows: with a thousand it may scan a
    table. For an array from a query it expects ten values, and uses an index for each.
    """
    if dialect == "postgresql":
        return f"unnest(ARRAY(SELECT json_array_elements_text(CAST(:{parameter} AS json)))) AS each(value)"
    return f"json_each(:{parameter}) AS each"
