"""marshmallow fields of request and response bodies.

class Decline(Strict):
    reason = Text(500, "reason; the resident reads it", required=True)
    due_at = Instant("deadline", required=True)

class CaseAnswer(Schema):
    team = response_text("code of the team", null=True)
    received_at = response_instant("time of the report")
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from concord_contracts import fields as contract_fields

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
MESSAGES: dict[str, Any] = {
    "required": "This field is required.",
    "null": "Must not be null. Give a value or leave the field out.",
    "invalid": "Must be a text.",
}
OBJECT_MESSAGES: dict[str, Any] = {"type": "Must be a JSON object."}
EXAMPLE_TIME = "2026-11-22T18:20:00-05:00"
NULLABLE: dict[str, Any] = {"load_default": None, "allow_none": True}
"""Options of a field that a client may leave out or send as null."""


class Strict(Schema):
    """A request body. An unknown field is an error, so that a misspelt one cannot be lost."""

    class Meta:
        unknown = RAISE
        ordered = True

    error_messages = {"unknown": "Unknown field. Correct its name or leave it out.", **OBJECT_MESSAGES}


def plain_text(value: str) -> str:
    """Return a text of one or more lines. Raises ValidationError for blank text and control characters."""
    if not value.strip():
        raise ValidationError("Must not be empty.")
    if CONTROL.search(value):
        raise ValidationError("Must not contain control characters other than line breaks and tabs.")
    return value


class Text(fields.String):
    """A text of at most `limit` characters. `check` returns it, perhaps normalised, or raises ValidationError."""

    default_error_messages = MESSAGES

    def __init__(
        self, limit: int, description: str, *, check: Callable[[str], str] = plain_text, **options: Any
    ) -> None:
        self._check = check
        length = validate.Length(max=limit, error=f"Must have at most {limit} characters.")
        about = {"description": description, "minLength": 1, "maxLength": limit}
        super().__init__(validate=length, metadata=about, **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return self._check(super()._deserialize(value, attr, data, **kwargs))


class Choice(fields.String):
    """One of a fixed set of texts."""

    default_error_messages = MESSAGES

    def __init__(self, choices: Sequence[str], description: str, **options: Any) -> None:
        known = validate.OneOf(choices, error="Must be one of: {choices}.")
        super().__init__(validate=known, metadata={"description": description}, **options)


class Instant(contract_fields.Instant):
    """A time of RFC 3339, read as UTC."""

    default_error_messages = MESSAGES | {
        "invalid": f"Must be a date and time with its offset from UTC, such as {EXAMPLE_TIME}.",
        "invalid_awareness": f"Add the offset from UTC, such as {EXAMPLE_TIME}, or Z for UTC.",
    }

    def __init__(self, description: str, **options: Any) -> None:
        super().__init__(metadata={"description": description}, **options)


class Flag(contract_fields.Flag):
    """JSON's `true` or `false`; not 1, "yes" or the like."""

    default_error_messages = MESSAGES | {"invalid": "Must be true or false."}

    def __init__(self, description: str, **options: Any) -> None:
        super().__init__(metadata={"description": description}, **options)


class WholeNumber(fields.Integer):
    """A whole number from `least` to `most`; not true, 2.0 or "2"."""

    def __init__(self, least: int, most: int, description: str, **options: Any) -> None:
        wrong = f"Must be a whole number from {least} to {most}."
        super().__init__(
            strict=True,
            validate=validate.Range(least, most, error=wrong),
            error_messages=MESSAGES | {"invalid": wrong},
            metadata={"description": description},
            **options,
        )

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid", input=value)
        return super()._deserialize(value, attr, data, **kwargs)


def response_text(description: str, *, null: bool = False, required: bool = True) -> fields.String:
    """Describe a text of a response; `required=False` for one that may be absent."""
    return fields.String(required=required, allow_none=null, metadata={"description": description})


def response_choice(
    choices: Sequence[str], description: str, *, null: bool = False, required: bool = True
) -> fields.String:
    """Describe a text of a response that is one of `choices`."""
    known = validate.OneOf((*choices, None) if null else choices)
    return fields.String(required=required, allow_none=null, validate=known, metadata={"description": description})


def response_instant(description: str, *, null: bool = False, required: bool = True) -> fields.AwareDateTime:
    """Describe a time of a response, in UTC."""
    return fields.AwareDateTime(
        required=required, allow_none=null, metadata={"description": f"{description}, UTC".removeprefix(", ")}
    )
