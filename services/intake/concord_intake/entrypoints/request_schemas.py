"""The schemas of what may be sent. They judge, and OpenAPI is made from them."""

from collections.abc import Callable, Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates, validates_schema

from concord_contracts.messages.intake import CHANNELS, DESCRIPTION_LIMIT
from concord_intake.domain.concern import CLOCK_SKEW, too_late
from concord_intake.entrypoints import field_validators

MESSAGES: dict[str, Any] = {
    "required": "This field is required.",
    "null": "Give a value or leave the field out.",
    "invalid": "Must be a text.",
}
NO_OBJECT: dict[str, Any] = {"type": "Must be an object with named fields."}
NO_PLACE = "Say where it is: give point (lon, lat) or address."
NO_WAY = "Give an e-mail address or a telephone number, or leave contact out."


class Text(fields.String):
    """A text judged, and perhaps put into its usual spelling, by one of `texts`."""

    default_error_messages = MESSAGES

    def __init__(self, judge: Callable[[str], Any], limit: int, meaning: str, **options: Any) -> None:
        self._judge = judge
        length = validate.Length(max=limit, error=f"At most {limit} characters; please shorten it.")
        about = {"description": meaning, "maxLength": limit} | ({"minLength": 1} if options.get("required") else {})
        super().__init__(validate=length, metadata=about, **options)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return self._judge(super()._deserialize(value, attr, data, **kwargs))


class Moment(fields.AwareDateTime):
    """A moment, ISO 8601 with an offset; becomes UTC."""

    def __init__(self, meaning: str) -> None:
        super().__init__(load_default=None, allow_none=True, metadata={"description": meaning})

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str):
            raise ValidationError("Write it as a text, such as 2026-11-22T18:20:00-05:00.")
        return field_validators.moment(value)


class Strict(Schema):
    """Unknown fields are refused: a misspelt one would be lost without a word."""

    class Meta:
        unknown = RAISE
        ordered = True

    error_messages = {
        "unknown": "There is no such field here; correct its name or leave it out.",
        **NO_OBJECT,
    }


def degrees(limit: int, meaning: str) -> fields.Float:
    within = validate.Range(min=-limit, max=limit, error=f"Must lie between -{limit} and {limit} degrees.")
    return Degrees(required=True, allow_nan=False, validate=within, metadata={"description": meaning})


class Degrees(fields.Float):
    """A number; neither a text that looks like one nor true or false."""

    default_error_messages = MESSAGES | {"invalid": "Must be a number of degrees."}

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid", input=value)
        return float(super()._deserialize(value, attr, data, **kwargs) or 0.0)


class PointForm(Strict):
    """Where it is, in WGS 84 degrees."""

    lon = degrees(180, "longitude, east positive")
    lat = degrees(90, "latitude, north positive")


class ContactForm(Strict):
    """How the reporter can be reached."""

    name = Text(
        field_validators.line,
        field_validators.NAME_LIMIT,
        "how to address the reporter",
        load_default=None,
        allow_none=True,
    )
    email = Text(
        field_validators.email, field_validators.EMAIL_LIMIT, "e-mail address", load_default=None, allow_none=True
    )
    phone = Text(
        field_validators.phone, field_validators.PHONE_LIMIT, "telephone number", load_default=None, allow_none=True
    )
    language = Text(
        field_validators.language,
        field_validators.LANGUAGE_LIMIT,
        "language to write in, BCP 47; that of the concern by default",
        load_default=None,
        allow_none=True,
    )

    @validates_schema
    def _reachable(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        if not data.get("email") and not data.get("phone"):
            raise ValidationError(NO_WAY)


class ConcernForm(Strict):
    """A concern as a reporter tells it. `categories` are the city's codes."""

    category = fields.String(
        required=True, error_messages=MESSAGES, metadata={"description": "code from /v1/categories"}
    )
    description = Text(
        field_validators.words, DESCRIPTION_LIMIT, "what it is about, in the reporter's words", required=True
    )
    point = fields.Nested(
        PointForm, error_messages=NO_OBJECT, load_default=None, allow_none=True, metadata={"description": "where it is"}
    )
    address = Text(
        field_validators.line,
        field_validators.ADDRESS_LIMIT,
        "where it is, in words",
        load_default=None,
        allow_none=True,
    )
    occurred_at = Moment("when it happened, with offset from UTC")
    channel = fields.String(
        load_default=None,
        allow_none=True,
        error_messages=MESSAGES,
        validate=validate.OneOf(CHANNELS, error="Must be one of {choices}."),
        metadata={"description": 'how it came in; "web" by default, "import" in a batch'},
    )
    language = Text(
        field_validators.language,
        field_validators.LANGUAGE_LIMIT,
        "language of the words, BCP 47; the city's first by default",
        load_default=None,
        allow_none=True,
    )
    contact = fields.Nested(
        ContactForm,
        error_messages=NO_OBJECT,
        load_default=None,
        allow_none=True,
        metadata={"description": "how to reach the reporter"},
    )

    place_required = True

    def __init__(
        self,
        categories: Collection[str] = (),
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self._categories = categories
        self._clock = clock

    @validates("category")
    def _known(self, value: str, **kwargs: Any) -> None:
        if value not in self._categories:
            raise ValidationError(f"There is no such category; use one of: {', '.join(self._categories)}.")

    @validates("occurred_at")
    def _past(self, value: datetime | None, **kwargs: Any) -> None:
        if value and too_late(value, self._clock()):
            minutes = int(CLOCK_SKEW.total_seconds() // 60)
            raise ValidationError(f"Must not be in the future (more than {minutes} minutes from now).")

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def _placed(self, data: Mapping[str, Any], original: Any, **kwargs: Any) -> None:
        if not self.place_required or not isinstance(original, Mapping):
            return
        if original.get("point") is None and original.get("address") is None:
            raise ValidationError({"point": [NO_PLACE]})


class LineForm(ConcernForm):
    """A line of a batch: a concern with the line's id. A record that says no place is taken in all the same."""

    id = Text(
        field_validators.line,
        field_validators.LINE_ID_LIMIT,
        "names this line within its source, for ever",
        required=True,
    )
    reported_at = Moment("when it was reported to the city, if not now; a past needs a login that may import history")
    promised_by = Moment("the city's own target for the response, of a concern with a past")
    closed_at = Moment("when it was dealt with, of a concern with a past")

    place_required = False

    @validates("reported_at", "closed_at")
    def _reported(self, value: datetime | None, **kwargs: Any) -> None:
        self._past(value)

    @validates_schema
    def _in_order(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        reported = data.get("reported_at")
        for name in ("promised_by", "closed_at"):
            moment = data.get(name)
            if moment and not reported:
                raise ValidationError({name: ["Only a concern with reported_at has this; give that too."]})
            if moment and moment < reported:
                raise ValidationError({name: ["Must not be before reported_at."]})
