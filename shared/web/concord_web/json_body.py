"""JSON as it may come from anybody."""

from __future__ import annotations

from typing import Any

import orjson

from concord_web.problem import Problem


def parse_json(raw: bytes, max_depth: int) -> Any:
    """RFC 8259 JSON: UTF-8, no NaN or Infinity, bounded nesting; the last of duplicate keys wins."""
    try:
        value = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise Problem(400, detail=f"The body is not valid JSON ({where}).") from None
    if raw.count(b"[") + raw.count(b"{") > max_depth:
        _check_depth(value, max_depth)
    return value


def _check_depth(value: Any, left: int) -> None:
    level = [value]
    while level := [each for each in level if isinstance(each, dict | list)]:
        if left == 0:
            raise Problem(400, detail="The JSON is nested too deeply.")
        left -= 1
        level = [child for each in level for child in (each.values() if isinstance(each, dict) else each)]
