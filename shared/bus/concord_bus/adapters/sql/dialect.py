"""The few statements that SQLite and PostgreSQL write differently."""

from collections.abc import Sequence
from importlib import import_module
from typing import Any

from sqlalchemy import Table
from sqlalchemy.engine import Connection


def insert_into(table: Table, dialect: str) -> Any:
    """The INSERT of `dialect` itself, which knows ON CONFLICT. Only its module is loaded: the other one is 3 MiB."""
    return import_module(f"sqlalchemy.dialects.{dialect}").insert(table)


def upsert(connection: Connection, table: Table, key: Sequence[str], update: Sequence[str] = ()) -> Any:
    """An INSERT for `connection`'s database that updates the named columns when `key` exists already.

    With no column to update the existing row is left as it is. Give it rows as a list of dicts.
    """
    statement = insert_into(table, connection.dialect.name)
    if not update:
        return statement.on_conflict_do_nothing(index_elements=list(key))
    changes = {name: statement.excluded[name] for name in update}
    return statement.on_conflict_do_update(index_elements=list(key), set_=changes)


def each_of(dialect: str, parameter: str) -> str:
    """SQL for a column `value` of texts from one parameter, a JSON list; of what no text can hold DataError comes.

    PostgreSQL parses an array that psycopg2 writes value by value, and plans for as many: told of a thousand it may
    read a whole table. Of an array made from a query it expects ten values, and walks along an index for each.
    """
    if dialect == "postgresql":
        return f"unnest(ARRAY(SELECT json_array_elements_text(CAST(:{parameter} AS json)))) AS each(value)"
    return f"json_each(:{parameter}) AS each"
