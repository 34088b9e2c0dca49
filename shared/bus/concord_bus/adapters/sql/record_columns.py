"""Columns of a table whose rows are the values of a dataclass."""

from collections.abc import Collection, Mapping
from dataclasses import fields
from datetime import datetime
from types import NoneType
from typing import Any, Literal, get_args, get_origin

from sqlalchemy import Boolean, Column, Float, Integer, LargeBinary, Text

from concord_bus.adapters.sql.column_types import UtcDateTime

TYPES = {bool: Boolean, bytes: LargeBinary, datetime: UtcDateTime, float: Float, int: Integer, str: Text}


def columns_of(
    record: type[Any], key: Collection[str] = (), without: Collection[str] = (), **options: Mapping[str, Any]
) -> list[Column[Any]]:
    """Return one column for each field of a dataclass, in the order of its fields.

    A field that may be None gives a column that may be null. `key` names the fields of the primary key, `without` the
    fields that the table does not have. `options` are more arguments of the column with this name.
    """
    return [
        _column(field.name, field.type, primary_key=field.name in key, **options.get(field.name, {}))
        for field in fields(record)
        if field.name not in without
    ]


def _column(name: str, kind: Any, **options: Any) -> Column[Any]:
    kinds = (str,) if get_origin(kind) is Literal else get_args(kind) or (kind,)
    return Column(name, TYPES[kinds[0]], nullable=NoneType in kinds, **options)
