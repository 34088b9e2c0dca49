"""A strict JSON parser for request bodies and lines."""

from __future__ import annotations

from codecs import BOM_UTF8
from typing import Any

import orjson

from concord_contracts.strict_json import DuplicateKey, loads
from concord_web.problem import Problem
from concord_web.text_encoding import encoding_fault


def parse_json(raw: bytes, max_depth: int) -> Any:
    """Parse RFC 8259 JSON: UTF-8, no NaN or Infinity, at most `max_depth` levels, each key once in an object.

    A byte order mark in front of it is passed over. Raises Problem 400.
    """
    value = read_json(raw, "The body")
    if raw.count(b"[") + raw.count(b"{") > max_depth:
        _check_depth(value, max_depth)
    return value


def read_json(raw: bytes, what: str) -> Any:
    """Parse JSON of any depth, as `parse_json` does. `what`, such as "The line", begins the texts of problems.

    Raises Problem 400.
    """
    try:
        return loads(raw.removeprefix(BOM_UTF8))
    except DuplicateKey:
        raise Problem(400, detail=f"{what} has an object with a key twice. Send each key once.") from None
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        fault = encoding_fault(raw) or f"is not valid JSON: {error.msg} ({where}). Correct it there."
        raise Problem(400, detail=f"{what} {fault}") from None


def _check_depth(value: Any, max_depth: int) -> None:
    level, left = [value], max_depth
    while level := [child for child in level if isinstance(child, dict | list)]:
        if left == 0:
            raise Problem(400, detail=f"The JSON has more than {max_depth} levels of nesting.")
        left -= 1
        level = [child for parent in level for child in (parent.values() if isinstance(parent, dict) else parent)]
