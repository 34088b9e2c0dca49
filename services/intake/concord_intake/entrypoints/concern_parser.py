"""Parses JSON values into submissions, on a fast path for values that are plainly valid.

marshmallow takes about 150 microseconds for a concern, and an import brings thousands of concerns a second. Nearly
all of them are valid: `validate_fast` accepts these and leaves all others to the schema. A property test compares
the two.
"""

from collections.abc import Callable, Collection, Mapping, Set
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

from concord_bus.ports import Clock
from concord_contracts.fast_path import FallBackToSchema
from concord_contracts.messages.intake import CHANNELS, DESCRIPTION_LIMIT
from concord_intake.domain.concern import Contact, ImportedHistory, Submission, is_in_future
from concord_intake.entrypoints import field_validators as v
from concord_intake.entrypoints.request_schemas import ConcernSchema, LineSchema

_CHANNELS = frozenset(CHANNELS)
_POINT = {"lon", "lat"}
_CONTACT = {"name", "email", "phone", "language"}


class ConcernParser:
    """Parses single concerns. `language` and the channel "web" are the defaults."""

    schema: type[ConcernSchema] = ConcernSchema
    channel = "web"

    def __init__(self, categories: Collection[str], language: str, clock: Clock) -> None:
        self._categories = categories
        self._language = language
        self._clock = clock
        self._schema = self.schema(categories, clock)
        self._fields = frozenset(self._schema.fields)

    def parse(self, raw: Any) -> Submission:
        """Raises marshmallow's ValidationError, which names each wrong field and the remedy."""
        return self._submission(self._values(raw))

    def _values(self, raw: Any) -> Mapping[str, Any]:
        try:
            values = validate_fast(raw, self._fields, self._categories, self._clock())
            if not self.schema.place_required or values["point"] is not None or values["address"] is not None:
                return values
        except FallBackToSchema:
            pass
        loaded: Mapping[str, Any] = self._schema.load(raw)
        return loaded

    def _submission(self, values: Mapping[str, Any]) -> Submission:
        language = values["language"] or self._language
        point, contact, reported_at = values["point"], values["contact"], values.get("reported_at")
        return Submission(
            values["category"],
            values["description"],
            (point["lon"], point["lat"]) if point else None,
            values["address"],
            values["occurred_at"],
            values["channel"] or self.channel,
            language,
            Contact(contact["name"], contact["email"], contact["phone"], contact["language"] or language)
            if contact
            else None,
            ImportedHistory(reported_at, values["promised_by"], values["closed_at"]) if reported_at else None,
        )


class LineParser(ConcernParser):
    """Parses import lines, with the default channel "import"."""

    schema = LineSchema
    channel = "import"

    def parse_line(self, raw: Any) -> tuple[str, Submission]:
        """Return the line's id and the submission. Raises marshmallow's ValidationError."""
        values = self._values(raw)
        return values["id"], self._submission(values)


def validate_fast(raw: Any, fields: Set[str], categories: Collection[str], now: datetime) -> dict[str, Any]:
    """Return the values that the schema with these `fields` would load, whatever its rule for the place.

    Raises FallBackToSchema.
    """
    if type(raw) is not dict or not raw.keys() <= fields:
        raise FallBackToSchema
    get = raw.get
    category = get("category")
    if type(category) is not str or category not in categories:
        raise FallBackToSchema
    channel = get("channel")
    if channel is not None and (type(channel) is not str or channel not in _CHANNELS):
        raise FallBackToSchema
    line = _line(get, now) if "id" in fields else {}
    return line | {
        "category": category,
        "description": _text(get("description"), DESCRIPTION_LIMIT, v.multiline_text),
        "point": _point(get("point")),
        "address": _optional(get("address"), v.ADDRESS_LIMIT, v.single_line),
        "occurred_at": _moment(get("occurred_at"), now),
        "channel": channel,
        "language": _optional(get("language"), v.LANGUAGE_LIMIT, v.language),
        "contact": _contact(get("contact")),
    }


def _line(get: Callable[[str], Any], now: datetime) -> dict[str, Any]:
    reported = _moment(get("reported_at"), now)
    promised, closed = _moment(get("promised_by"), None), _moment(get("closed_at"), now)
    if any(moment and (reported is None or moment < reported) for moment in (promised, closed)):
        raise FallBackToSchema
    return {
        "id": _text(get("id"), v.LINE_ID_LIMIT, v.single_line),
        "reported_at": reported,
        "promised_by": promised,
        "closed_at": closed,
    }


def _text(value: Any, limit: int, validator: Callable[[str], str]) -> str:
    if type(value) is not str or len(value) > limit:
        raise FallBackToSchema
    try:
        return validator(value)
    except ValidationError as error:
        raise FallBackToSchema from error


def _optional(value: Any, limit: int, validator: Callable[[str], str]) -> str | None:
    return None if value is None else _text(value, limit, validator)


def _moment(value: Any, now: datetime | None) -> datetime | None:
    """With `now`, the moment must not be in the future."""
    if value is None:
        return None
    if type(value) is not str:
        raise FallBackToSchema
    try:
        moment = v.moment(value)
    except ValidationError as error:
        raise FallBackToSchema from error
    if now is not None and is_in_future(moment, now):
        raise FallBackToSchema
    return moment


def _point(value: Any) -> Mapping[str, float] | None:
    if value is None:
        return None
    if type(value) is not dict or value.keys() != _POINT:
        raise FallBackToSchema
    lon, lat = value["lon"], value["lat"]
    if type(lon) not in (float, int) or type(lat) not in (float, int):
        raise FallBackToSchema
    if not (-180 <= lon <= 180 and -90 <= lat <= 90):
        raise FallBackToSchema
    return {"lon": float(lon), "lat": float(lat)}


def _contact(value: Any) -> Mapping[str, str | None] | None:
    if value is None:
        return None
    if type(value) is not dict or not value.keys() <= _CONTACT:
        raise FallBackToSchema
    contact = {
        "name": _optional(value.get("name"), v.NAME_LIMIT, v.single_line),
        "email": _optional(value.get("email"), v.EMAIL_LIMIT, v.email),
        "phone": _optional(value.get("phone"), v.PHONE_LIMIT, v.phone),
        "language": _optional(value.get("language"), v.LANGUAGE_LIMIT, v.language),
    }
    if not contact["email"] and not contact["phone"]:
        raise FallBackToSchema
    return contact
