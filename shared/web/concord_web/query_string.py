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

    def __init__(self, encoded: str = "", status: int = 400) -> None:
        self._values: dict[str, list[str]] = {}
        if encoded:
            for name, value in _pairs(encoded, status):
                self._values.setdefault(name, []).append(value)

    def arg(self, name: str, default: str | None = None) -> str | None:
        """Return the first value; `default` for an absent or empty one."""
        values = self._values.get(name)
        return values[0] if values and values[0] else default

    def all(self, name: str) -> list[str]:
        return list(self._values.get(name, ()))

    def integer(self, name: str, default: int, *, least: int = 0, most: int = 2**53) -> int:
        """Return a whole number between bounds. Raises Problem 400 naming the field."""
        text = self.arg(name)
        if text is None:
            return default
        if not re.fullmatch(r"-?[0-9]{1,16}", text) or not least <= int(text) <= most:
            raise field_problem(name, f"Must be a whole number from {least} to {most}.")
        return int(text)

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def items(self) -> Iterator[tuple[str, str]]:
        """Yield each name with each of its values."""
        for name, values in self._values.items():
            for value in values:
                yield name, value


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


def _pairs(encoded: str, status: int) -> list[tuple[str, str]]:
    _check_percent(encoded)
    try:
        pairs = parse_qsl(encoded, keep_blank_values=True, errors="strict", max_num_fields=MAX_FIELDS)
    except UnicodeDecodeError:
        raise Problem(status, detail="The parameters are not UTF-8 text.") from None
    except ValueError:
        raise Problem(status, detail=f"The request has more than {MAX_FIELDS} parameters.") from None
    for name, value in pairs:
        if _CONTROL.search(name) or _CONTROL.search(value):
            raise field_problem(_CONTROL.sub("?", name), "Must not contain control characters.", status)
    return pairs


def _check_percent(text: str) -> None:
    if _BAD_PERCENT.search(text):
        raise Problem(400, detail="A percent sign must be followed by two hexadecimal digits.")
