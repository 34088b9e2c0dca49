"""A strict JSON parser for request bodies."""

from __future__ import annotations

from typing import Any

import orjson

from concord_contracts.strict_json import DuplicateKey, loads
from concord_web.problem import Problem


def parse_json(raw: bytes, max_depth: int) -> Any:
    """Parse RFC 8259 JSON: UTF-8, no NaN or Infinity, at most `max_depth` levels, each key once in an object.

    Raises Problem 400.
    """
    try:
        value = loads(raw)
    except DuplicateKey:
        raise Problem(400, detail="The JSON has an object with a key twice. Send each key once.") from None
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Problem(400, detail=f"The body is not valid JSON ({where}).") from None
    if raw.count(b"[") + raw.count(b"{") > max_depth:
        _check_depth(value, max_depth)
    return value


def _check_depth(value: Any, max_depth: int) -> None:
    level, left = [value], max_depth
    while level := [child for child in level if isinstance(child, dict | list)]:
        if left == 0:
            raise Problem(400, detail=f"The JSON has more than {max_depth} levels of nesting.")
        left -= 1
        level = [child for parent in level for child in (parent.values() if isinstance(parent, dict) else parent)]
