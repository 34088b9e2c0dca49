"""JSON (RFC 8259) whose objects have each key once. Two readers could understand a key that comes twice differently.

orjson reads fast and keeps the last of two values. A value that it dropped leaves a colon in the text which is not in
the result: `loads` compares the numbers of colons, and reads slowly only where they differ.
"""

import json
from collections.abc import Sequence
from typing import Any

import orjson

_ESCAPED_COLON = b"\\u003"
"""An escape that may stand for a colon: the numbers then say nothing."""


class DuplicateKey(ValueError):
    """An object has a key twice. The text names no key, because it may be personal."""

    def __init__(self) -> None:
        super().__init__("an object has a key twice")


def loads(raw: bytes) -> Any:
    """Return the value. Raises orjson.JSONDecodeError, and DuplicateKey."""
    value = orjson.loads(raw)
    if raw.count(b":") != _colons(value) or _ESCAPED_COLON in raw:
        _check_keys(raw)
    return value


def _colons(value: Any) -> int:
    """Return the number of members, and of colons in keys and texts."""
    count = 0
    values = [value]
    while values:
        value = values.pop()
        kind = type(value)
        if kind is str:
            count += value.count(":")
        elif kind is dict:
            count += len(value)
            for key in value:
                if ":" in key:
                    count += key.count(":")
            values += value.values()
        elif kind is list:
            values += value
    return count


def _check_keys(raw: bytes) -> None:
    try:
        _DECODER.decode(raw.decode())
    except RecursionError:  # nested too deeply to be looked through
        raise DuplicateKey from None


def _once(pairs: Sequence[tuple[str, Any]]) -> None:
    if len({key for key, _ in pairs}) != len(pairs):
        raise DuplicateKey


def _ignored(text: str) -> None:
    """Stand for a number, whose digits do not matter here."""


_DECODER = json.JSONDecoder(object_pairs_hook=_once, parse_int=_ignored, parse_float=_ignored)
