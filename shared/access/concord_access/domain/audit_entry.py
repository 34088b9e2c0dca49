"""One audit entry: actor, action, subject and time. It never holds a name, a contact or free text."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime

Code = str | int | bool | None
"""A value of `details`: a code or id, a number, a boolean, or None."""

ACTION_FORM = r"[a-z][a-z0-9_.:-]{0,63}"
ID_FORM = r"[A-Za-z0-9_-][A-Za-z0-9_.:|/+=-]{0,199}"
"""The form of an actor, a subject and a text in details."""
_ACTION, _ID = re.compile(ACTION_FORM), re.compile(ID_FORM)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
_MAX_INTEGER = 2**53


class InvalidEntry(ValueError):
    """An entry holds text that an audit must not. Remedy: use ids, codes and numbers, no words."""


@dataclass(frozen=True, slots=True)
class Entry:
    """`actor` did `action` to `subject` at `at` (aware). Raises InvalidEntry for a value that could be personal.

    `actor` is a principal's subject, `action` such as `case.resolved`, `subject` such as `case:K7M2`, `details` codes
    and numbers such as `{"from": "north", "to": "south"}`. No field accepts a space or an @, so words and addresses do
    not fit.
    """

    at: datetime
    actor: str
    action: str
    subject: str
    details: Mapping[str, Code] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.at.tzinfo is None:
            raise InvalidEntry("the time of an audit entry needs a time zone")
        _check(_ID, "actor", self.actor)
        _check(_ACTION, "action", self.action)
        _check(_ID, "subject", self.subject)
        for name, value in self.details.items():
            _check(_NAME, "a name in details", name)
            _check_value(name, value)


def write_moment(at: datetime) -> str:
    """Return `2026-03-01T09:30:00.000000Z`: UTC to the microsecond, so that the text is the same everywhere."""
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def as_code(text: str) -> str | None:
    """Return the text if it has the form of an id or a code, so that `details` may hold it; else None."""
    return text if _ID.fullmatch(text) else None


def canonical(value: object) -> str:
    """Return the one JSON text of a value: sorted names, no spaces, ASCII."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=True)


def _check(pattern: re.Pattern[str], what: str, value: object) -> None:
    if not isinstance(value, str) or pattern.fullmatch(value) is None:
        raise InvalidEntry(f"{what} of an audit entry must be an id or a code: {pattern.pattern}")


def _check_value(name: str, value: object) -> None:
    if value is None or isinstance(value, bool):
        return
    if isinstance(value, int):
        if abs(value) > _MAX_INTEGER:
            raise InvalidEntry(f"details.{name} is too large a number for JSON: at most 2**53")
        return
    _check(_ID, f"details.{name}", value)
