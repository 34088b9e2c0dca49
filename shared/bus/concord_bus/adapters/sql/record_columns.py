"""Columns of a table whose rows are the values of a dataclass."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import datetime
from enum import StrEnum
from types import NoneType
from typing import Any, get_args, get_type_hints

from sqlalchemy import Boolean, Column, Float, Integer, LargeBinary, Text

from concord_bus.adapters.sql.column_types import EnumText, UtcDateTime

SQL_TYPES: Mapping[Any, Any] = {
    bool: Boolean,
    bytes: LargeBinary,
    datetime: UtcDateTime,
    float: Float,
    int: Integer,
}
"""The column types by the type of a field. Every other field is a text."""


def columns_of(
    record: type[Any], key: Collection[str] = (), without: Collection[str] = (), **options: Mapping[str, Any]
) -> list[Column[Any]]:
    """Return one column for each field of a dataclass, in the order of its fields.

    A field that may be None gives a column that may be null. `key` names the fields of the primary key, `without` the
    fields that the table does not have. `options` are more arguments of the column with this name.
    """
    hints = get_type_hints(record)
    names = [field.name for field in fields(record) if field.name not in without]
    return [_column(name, hints[name], primary_key=name in key, **options.get(name, {})) for name in names]


def _column(name: str, hint: Any, **options: Any) -> Column[Any]:
    optional = NoneType in get_args(hint)
    kind = get_args(hint)[0] if optional else hint
    is_enum = isinstance(kind, type) and issubclass(kind, StrEnum)
    sql_type = EnumText(kind) if is_enum else SQL_TYPES.get(kind, Text)
    return Column(name, sql_type, nullable=optional, **options)
