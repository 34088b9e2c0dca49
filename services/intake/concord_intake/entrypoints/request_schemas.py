"""The schemas of submitted concerns. OpenAPI describes requests from them."""

from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates, validates_schema

from concord_bus.ports import Clock, utc_now
from concord_contracts.messages.intake import CHANNELS, DESCRIPTION_LIMIT
from concord_intake.domain.concern import CLOCK_SKEW, is_in_future
from concord_intake.entrypoints import field_validators as v
from concord_web.fields import MESSAGES, NULLABLE, OBJECT_MESSAGES, Choice, Instant, Strict, Text

PLACE_REQUIRED = "Give the place: point (lon, lat) or address."
CONTACT_REQUIRED = "Give an e-mail address or a telephone number, or leave contact out."


class OptionalText(Text):
    """A text that clients may leave out or send as null."""

    def __init__(self, limit: int, description: str, check: Callable[[str], str]) -> None:
        super().__init__(limit, description, check=check, **NULLABLE)
        # Without minLength: the published OpenAPI has it for required texts only.
        self.metadata = {"description": description, "maxLength": limit}


class Moment(Instant):
    """An optional time of RFC 3339, read as UTC."""

    def __init__(self, description: str) -> None:
        super().__init__(description, **NULLABLE)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> datetime:
        if not isinstance(value, str):
            raise self.make_error("invalid", input=value)
        return v.moment(value)


class Degrees(fields.Float):
    """A JSON number from -limit to limit; not true, and not "1"."""

    default_error_messages = MESSAGES | {"invalid": "Must be a number of degrees."}

    def __init__(self, limit: int, description: str) -> None:
        bounds = validate.Range(min=-limit, max=limit, error=f"Must be between -{limit} and {limit} degrees.")
        super().__init__(required=True, allow_nan=False, validate=bounds, metadata={"description": description})

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.make_error("invalid", input=value)
        return float(super()._deserialize(value, attr, data, **kwargs) or 0.0)


class PointSchema(Strict):
    """A point in WGS 84 degrees."""

    lon = Degrees(180, "longitude, east positive")
    lat = Degrees(90, "latitude, north positive")


class ContactSchema(Strict):
    """The reporter's contact data."""

    name = OptionalText(v.NAME_LIMIT, "how to address the reporter", v.single_line)
    email = OptionalText(v.EMAIL_LIMIT, "e-mail address", v.email)
    phone = OptionalText(v.PHONE_LIMIT, "telephone number", v.phone)
    language = OptionalText(v.LANGUAGE_LIMIT, "language for mail, BCP 47; that of the concern by default", v.language)

    @validates_schema
    def _reachable(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        if not data.get("email") and not data.get("phone"):
            raise ValidationError(CONTACT_REQUIRED)


def _optional_object(schema: type[Schema], description: str) -> fields.Nested:
    return fields.Nested(schema, error_messages=OBJECT_MESSAGES, metadata={"description": description}, **NULLABLE)


class ConcernSchema(Strict):
    """A concern as its reporter submits it. `categories` are the city's codes.

    CONTRIBUTING.md, change 1, lists the other places of a new field.
    """

    category = fields.String(
        required=True, error_messages=MESSAGES, metadata={"description": "code from /v1/categories"}
    )
    description = Text(DESCRIPTION_LIMIT, "the problem, in the reporter's words", check=v.multiline_text, required=True)
    point = _optional_object(PointSchema, "the place, as a point")
    address = OptionalText(v.ADDRESS_LIMIT, "the place, as text", v.single_line)
    occurred_at = Moment("when it happened, with offset from UTC")
    channel = Choice(CHANNELS, 'how the report reached the city; "web" by default, "import" in a batch', **NULLABLE)
    language = OptionalText(v.LANGUAGE_LIMIT, "language of the words, BCP 47; the city's first by default", v.language)
    contact = _optional_object(ContactSchema, "how to reach the reporter")

    place_required = True

    def __init__(self, categories: Collection[str] = (), clock: Clock = utc_now, **options: Any) -> None:
        super().__init__(**options)
        self._categories = categories
        self._clock = clock

    @validates("category")
    def _known(self, value: str, **kwargs: Any) -> None:
        if value not in self._categories:
            raise ValidationError(f"Unknown category. Use one of: {', '.join(self._categories)}.")

    @validates("occurred_at")
    def _not_in_future(self, value: datetime | None, **kwargs: Any) -> None:
        if value and is_in_future(value, self._clock()):
            minutes = int(CLOCK_SKEW.total_seconds() // 60)
            raise ValidationError(f"Must not be in the future (more than {minutes} minutes from now).")

    @validates_schema(skip_on_field_errors=False, pass_original=True)
    def _has_place(self, data: Mapping[str, Any], original: Any, **kwargs: Any) -> None:
        if not self.place_required or not isinstance(original, Mapping):
            return
        if original.get("point") is None and original.get("address") is None:
            raise ValidationError({"point": [PLACE_REQUIRED]})


class LineSchema(ConcernSchema):
    """An import line: a concern with an id. It may lack a place."""

    id = Text(v.LINE_ID_LIMIT, "the line's permanent id, unique within its source", check=v.single_line, required=True)
    reported_at = Moment("when the city received it, if earlier; needs a login with history:import")
    promised_by = Moment("the city's own target for the response, with reported_at")
    closed_at = Moment("when the city closed it, with reported_at")

    place_required = False

    @validates("reported_at", "closed_at")
    def _past(self, value: datetime | None, **kwargs: Any) -> None:
        self._not_in_future(value)

    @validates_schema
    def _in_order(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        reported = data.get("reported_at")
        for name in ("promised_by", "closed_at"):
            moment = data.get(name)
            if moment and not reported:
                raise ValidationError({name: ["Needs reported_at; give both or neither."]})
            if moment and moment < reported:
                raise ValidationError({name: ["Must not be before reported_at."]})
