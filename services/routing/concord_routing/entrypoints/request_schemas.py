"""What may be sent with a command. The forms judge, OpenAPI is made from them, and they make the orders."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from concord_contracts.fields import Flag
from concord_contracts.messages.cases import REOPENERS
from concord_contracts.messages.promises import PROMISES
from concord_routing.domain import commands as o

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")
MESSAGES: dict[str, Any] = {
    "required": "This field is required.",
    "null": "Give a value or leave the field out.",
    "invalid": "Must be a text.",
}
WHEN = "Must be a time with its offset, such as 2026-11-30T17:00:00-05:00."


class Text(fields.String):
    """A text for people, of several lines if need be."""

    default_error_messages = MESSAGES

    def __init__(self, limit: int, meaning: str, **options: Any) -> None:
        length = validate.Length(max=limit, error=f"At most {limit} characters; please shorten it.")
        about = {"description": meaning, "minLength": 1}
        super().__init__(validate=[length, _plain], metadata=about, **options)


def _plain(value: str) -> None:
    if not value.strip():
        raise ValidationError("Must not be empty.")
    if CONTROL.search(value):
        raise ValidationError("Must not hold control characters other than line breaks and tabs.")


class Form(Schema):
    """Unknown fields are refused: a misspelt one would be lost without a word."""

    class Meta:
        unknown = RAISE
        ordered = True

    error_messages = {
        "unknown": "There is no such field here; correct its name or leave it out.",
        "type": "Must be an object with named fields.",
    }


def _reason(meaning: str) -> Text:
    return Text(o.REASON_LIMIT, f"{meaning}; the resident reads it", required=True)


class AcknowledgeForm(Form):
    """Nothing need be said."""


class CloseForm(Form):
    """Nothing need be said."""


class UpdateForm(Form):
    message = Text(o.MESSAGE_LIMIT, "how it goes; the resident reads it", required=True)
    waiting_for_resident = Flag(
        load_default=False,
        error_messages=MESSAGES | {"invalid": "Must be true or false."},
        metadata={"description": "the team needs the resident's answer to go on"},
    )
    keeps_promise = Flag(
        load_default=False,
        error_messages=MESSAGES | {"invalid": "Must be true or false."},
        metadata={"description": "this is what an officer had promised by hand"},
    )


class Moment(fields.AwareDateTime):
    """A time with its offset, read as UTC."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        moment: datetime = super()._deserialize(value, attr, data, **kwargs)
        try:
            return moment.astimezone(UTC)
        except OverflowError:
            raise self.make_error("invalid", input=value, obj_type="datetime") from None


def _due_at() -> Moment:
    return Moment(
        required=True,
        error_messages=MESSAGES | {"invalid": WHEN, "invalid_awareness": WHEN},
        metadata={"description": "by when; in the future, at most a year away"},
    )


class PromiseForm(Form):
    message = Text(o.MESSAGE_LIMIT, "what is promised; the resident reads it", required=True)
    due_at = _due_at()


class RenegotiateForm(Form):
    promise = fields.String(
        required=True,
        error_messages=MESSAGES,
        validate=validate.Length(max=64, error="At most 64 characters."),
        metadata={"description": f"one of {', '.join(PROMISES)}, or the promise's id", "minLength": 1},
    )
    due_at = _due_at()
    reason = _reason("why the time is another one")


class ReferForm(Form):
    reason = _reason("why a partner takes it")
    to = Text(o.PARTNER_LIMIT, "who takes it; the resident reads it", required=True)


class ResolveForm(Form):
    reason = _reason("how it was dealt with")


class DeclineForm(Form):
    reason = _reason("why the city will not act")
    where_to_go = Text(o.WHERE_LIMIT, "where to go instead; the resident reads it", required=True)


class ReopenForm(Form):
    initiator = fields.String(
        load_default="officer",
        error_messages=MESSAGES,
        validate=validate.OneOf(REOPENERS, error="Must be one of: {choices}."),
        metadata={"description": "whose wish it is"},
    )
    reason = Text(o.REASON_LIMIT, "why it is not dealt with; the resident reads it", load_default=None, allow_none=True)


class ReassignForm(Form):
    team = fields.String(
        required=True,
        error_messages=MESSAGES,
        metadata={"description": "code of one of the city's teams", "minLength": 1},
    )


FORMS: Mapping[str, tuple[type[Form], Callable[..., o.Order]]] = {
    "acknowledge": (AcknowledgeForm, o.Acknowledge),
    "update": (UpdateForm, o.Update),
    "promise": (PromiseForm, o.GivePromise),
    "renegotiate": (RenegotiateForm, o.Renegotiate),
    "refer": (ReferForm, o.Refer),
    "resolve": (ResolveForm, o.Resolve),
    "decline": (DeclineForm, o.Decline),
    "reopen": (ReopenForm, o.Reopen),
    "reassign": (ReassignForm, o.Reassign),
    "close": (CloseForm, o.Close),
}


def read_order(command: str, raw: Any) -> o.Order:
    """The order in the body of a command. Raises ValidationError naming the fields."""
    form, order = FORMS[command]
    return order(**form().load(raw))
