"""A reply to a resolution, as JSON or as a form, judged by one schema."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, fields, validate, validates_schema

from concord_contracts.feedback_links import LONGEST
from concord_contracts.messages.feedback import OBJECTION_LIMIT
from concord_intake.domain.feedback import HIGHEST, LOWEST, RATINGS, Reply
from concord_intake.entrypoints import field_validators
from concord_intake.entrypoints.request_schemas import MESSAGES, Strict, Text
from concord_web import Query

WHY = "Say in a few words what is not fixed."
YES, NO = "yes", "no"
MEANINGS = {
    "voice": "could say what mattered",
    "respect": "was treated with respect",
    "neutrality": "was handled the same as for anyone",
    "motives": "they tried to do what is best for people here",
}


class Flag(fields.Boolean):
    """True or false, and nothing that looks like it."""

    default_error_messages = MESSAGES | {"invalid": "Must be true or false."}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value


class Rating(fields.Integer):
    """A whole number; not true, and no text that looks like one."""

    default_error_messages = MESSAGES | {"invalid": f"Must be a whole number from {LOWEST} to {HIGHEST}."}

    def __init__(self, meaning: str) -> None:
        within = validate.Range(LOWEST, HIGHEST, error=f"Must be a whole number from {LOWEST} to {HIGHEST}.")
        about = {"description": f"{meaning}: {LOWEST} (not at all) to {HIGHEST} (fully)"}
        super().__init__(strict=True, load_default=None, allow_none=True, validate=within, metadata=about)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.make_error("invalid", input=value)
        return value


class ReplySchema(Strict):
    """Whether it is fixed, and how it was handled."""

    fixed = Flag(required=True, metadata={"description": "whether what was raised is dealt with"})
    voice = Rating(MEANINGS["voice"])
    respect = Rating(MEANINGS["respect"])
    neutrality = Rating(MEANINGS["neutrality"])
    motives = Rating(MEANINGS["motives"])
    reason = Text(
        field_validators.words,
        OBJECTION_LIMIT,
        "what is not fixed; needed when it is not",
        load_default=None,
        allow_none=True,
    )

    @validates_schema
    def _reasoned(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        if data["fixed"] is False and data.get("reason") is None:
            raise ValidationError({"reason": [WHY]})


class FeedbackForm(ReplySchema):
    """A reply with the token of the link in the mail."""

    token = Text(field_validators.line, LONGEST, "the last part of the link in the mail", required=True)


_REPLY, _FEEDBACK = ReplySchema(), FeedbackForm()


def read_feedback(raw: Any) -> tuple[str, Reply]:
    """The token and the reply of a JSON request. Raises marshmallow's ValidationError naming the fields."""
    values = dict(_FEEDBACK.load(raw))
    return values.pop("token"), Reply(**values)


def read_form(form: Query) -> Reply:
    """A reply from the page's form. Raises marshmallow's ValidationError naming the fields."""
    return Reply(**_REPLY.load(_plain(form)))


def _plain(form: Query) -> dict[str, Any]:
    """As JSON would have it: what was left empty is left out; line ends are counted as one character."""
    values: dict[str, Any] = {}
    if (fixed := form.arg("fixed")) is not None:
        values["fixed"] = {YES: True, NO: False}.get(fixed, fixed)
    for name in RATINGS:
        if (rating := form.arg(name)) is not None:
            values[name] = int(rating) if rating.isascii() and rating.isdecimal() and len(rating) < 3 else rating
    reason = (form.arg("reason") or "").replace("\r\n", "\n").strip()
    return values | ({"reason": reason} if reason else {})
