"""Feedback on a resolution, as JSON or as a form: one schema validates both."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, validates_schema

from concord_contracts.feedback_links import MAX_CHARACTERS as MAX_TOKEN_LENGTH
from concord_contracts.messages.feedback import OBJECTION_LIMIT
from concord_intake.domain.feedback import MAX_RATING, MIN_RATING, RATINGS, Feedback
from concord_intake.entrypoints import field_validators as v
from concord_intake.entrypoints.request_schemas import OptionalText
from concord_web import Query
from concord_web.fields import NULLABLE, Flag, Strict, Text, WholeNumber

REASON_REQUIRED = "Describe in a few words what is not fixed."
_SCALE = f"{MIN_RATING} (not at all) to {MAX_RATING} (fully)"
_FIXED = {"yes": True, "no": False}


def rating(description: str) -> WholeNumber:
    return WholeNumber(MIN_RATING, MAX_RATING, f"{description}: {_SCALE}", **NULLABLE)


class FeedbackFieldsSchema(Strict):
    """The reporter's answers: is it fixed, and how did the city treat them."""

    fixed = Flag("whether the problem is fixed", required=True)
    voice = rating("could say what mattered")
    respect = rating("was treated with respect")
    neutrality = rating("was handled the same as for anyone")
    motives = rating("they tried to do what is best for people here")
    reason = OptionalText(OBJECTION_LIMIT, "what is not fixed; required if fixed is false", v.multiline_text)

    @validates_schema
    def _has_reason(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        if data["fixed"] is False and data.get("reason") is None:
            raise ValidationError({"reason": [REASON_REQUIRED]})


class FeedbackSchema(FeedbackFieldsSchema):
    """Feedback with the token of the link in the mail."""

    token = Text(MAX_TOKEN_LENGTH, "the last part of the link in the mail", check=v.single_line, required=True)


_FIELDS, _FEEDBACK = FeedbackFieldsSchema(), FeedbackSchema()


def parse_feedback(raw: Any) -> tuple[str, Feedback]:
    """Return the token and the feedback of a JSON request. Raises marshmallow's ValidationError."""
    values = dict(_FEEDBACK.load(raw))
    return values.pop("token"), Feedback(**values)


def parse_form(form: Query) -> Feedback:
    """Return the feedback from the page's form. Raises marshmallow's ValidationError."""
    return Feedback(**_FIELDS.load(_json_values(form)))


def _json_values(form: Query) -> dict[str, Any]:
    """Return the values as JSON would have them, without empty ones. A line end counts as one character."""
    values: dict[str, Any] = {}
    if (fixed := form.arg("fixed")) is not None:
        values["fixed"] = _FIXED.get(fixed, fixed)
    for name in RATINGS:
        if (rating := form.arg(name)) is not None:
            values[name] = int(rating) if rating.isascii() and rating.isdecimal() and len(rating) < 3 else rating
    reason = (form.arg("reason") or "").replace("\r\n", "\n").strip()
    return values | ({"reason": reason} if reason else {})
