"""A strict decoder of query strings and forms."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import parse_qsl, unquote_to_bytes

from concord_web.problem import Problem

_BAD_PERCENT = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
MAX_FIELDS = 200


class Query:
    """Names with their values: `arg` returns the first value of a name, `all` returns all."""

    __slots__ = ("_values",)

    def __init__(self, encoded: str = "") -> None:
        self._values: dict[str, list[str]] = {}
        for name, value in _pairs(encoded):
            self._values.setdefault(name, []).append(value)

    def arg(self, name: str, default: str | None = None) -> str | None:
        """Return the first value; `default` for an absent or empty one."""
        values = self._values.get(name)
        return values[0] if values and values[0] else default

    def all(self, name: str) -> list[str]:
        return list(self._values.get(name, ()))

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)


def field_problem(field: str, detail: str, status: int = 400) -> Problem:
    """Return a problem that names the field and says what it must be."""
    return Problem(status, detail=f"{field}: {detail}", errors=[{"field": field, "detail": detail}])


def decode_segment(raw: str) -> str:
    """Percent-decode a path segment. Raises Problem 400 for bytes that are not UTF-8 text."""
    if "%" not in raw:
        return raw
    _check_percent(raw)
    try:
        text = unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        raise Problem(400, detail="The path is not UTF-8 text.") from None
    if _CONTROL.search(text) or "\n" in text or "\r" in text:
        raise Problem(400, detail="The path contains a control character.")
    return text


def _pairs(encoded: str) -> list[tuple[str, str]]:
    _check_percent(encoded)
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except UnicodeDecodeError:
        raise Problem(400, detail="The parameters are not UTF-8 text.") from None
    except ValueError:
        raise Problem(400, detail=f"The request has more than {MAX_FIELDS} parameters.") from None
    for name, value in pairs:
        if _CONTROL.search(name) or _CONTROL.search(value):
            raise field_problem(_CONTROL.sub("?", name), "Must not contain control characters.")
    return pairs


def _check_percent(text: str) -> None:
    if _BAD_PERCENT.search(text):
        raise Problem(400, detail="A percent sign must be followed by two hexadecimal digits.")
