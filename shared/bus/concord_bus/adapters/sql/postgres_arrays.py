"""Many rows for PostgreSQL in the fastest form: one text for each column, which the server splits into an array.

psycopg2 writes a list as `ARRAY[...]` with quoted values, which PostgreSQL parses as a long expression, and bytes as
two hexadecimal digits each. COPY would be faster still, but psycopg2 has none on green connections.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

SEPARATOR, NULL = "\x1e", "\x1d"
"""The characters between two values and for a null value. Texts and JSON do not contain them."""
_PLAIN = {str, int, float, bool, datetime, type(None)}
"""The types that Python writes as PostgreSQL reads them. PostgreSQL takes neither `True` nor `1.0` for an integer."""
_TEXTS = {str}


class ArrayParameters(NamedTuple):
    """SQL for the rows, SQL for the value of each column, and the parameters of both."""

    rows: str
    values: Mapping[str, str]
    parameters: Mapping[str, Any]


def rows_from_arrays(columns: Mapping[str, tuple[str, Sequence[Any]]], *, unmeasured: bool = False) -> ArrayParameters:
    """Return columns as rows called `given`. Each has PostgreSQL's type and at least one value.

    `unmeasured` hides the number of rows from the planner. For a thousand rows it may scan a whole table to join them,
    although a thousand index look-ups are cheaper, and stay so when the table grows.
    """
    arrays: dict[str, str] = {}
    values: dict[str, str] = {}
    parameters: dict[str, Any] = {}
    for name, (type_name, column) in columns.items():
        if arrays and column.count(column[0]) == len(column):
            values[name], parameters[name] = f"%({name})s::{type_name}", column[0]
        else:
            arrays[name], values[name], parameters[name] = _array(name, type_name, column)
    parts = ", ".join(f"(SELECT {array})" if unmeasured else array for array in arrays.values())
    return ArrayParameters(f"unnest({parts}) AS given({', '.join(arrays)})", values, parameters)


def _array(name: str, type_name: str, values: Sequence[Any]) -> tuple[str, str, Any]:
    """Return SQL for the array and for a value of it, and the parameter: a list for values that one text cannot
    hold."""
    binary = type_name == "BYTEA"
    joined = _join_bytes(values) if binary else _join_texts(values)
    if joined is None:
        return f"%({name})s::{type_name}[]", f"given.{name}", list(values)
    cut = f"string_to_array(%({name})s, E'\\x1e', E'\\x1d')"
    if binary:
        return cut, f"convert_to(given.{name}, 'UTF8')", joined
    return f"{cut}::{type_name}[]", f"given.{name}", joined


def _join_texts(values: Sequence[Any]) -> str | None:
    kinds = set(map(type, values))
    if not kinds <= _PLAIN:
        return None
    texts = values if kinds == _TEXTS else [NULL if value is None else str(value) for value in values]
    joined = SEPARATOR.join(texts)
    return joined if _is_reversible(joined, values) and joined.count(NULL) == values.count(None) else None


def _join_bytes(values: Sequence[Any]) -> str | None:
    try:
        joined = SEPARATOR.encode().join(values).decode()
    except (TypeError, UnicodeDecodeError):  # a null, or not UTF-8
        return None
    return joined if _is_reversible(joined, values) and NULL not in joined and "\0" not in joined else None


def _is_reversible(joined: str, values: Sequence[Any]) -> bool:
    """Return whether splitting the text gives the values again. PostgreSQL splits an empty text into no values."""
    return joined != "" and joined.count(SEPARATOR) == len(values) - 1
