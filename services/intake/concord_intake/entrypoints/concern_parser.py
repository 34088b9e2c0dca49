"""The fast path: concerns that are plainly right, read without marshmallow's cost.

marshmallow judges a concern in about 150 microseconds. Nearly every concern is plainly right, and an import brings
thousands a second. It raises FallBackToSchema for anything else. A
property test holds it to the schema's answers.
"""

from collections.abc import Callable, Collection, Mapping, Set
from datetime import datetime
from typing import Any

from marshmallow import ValidationError

from concord_contracts.messages.intake import CHANNELS, DESCRIPTION_LIMIT
from concord_contracts.serialization import FallBackToSchema
from concord_intake.domain.concern import too_late
from concord_intake.entrypoints import field_validators

_CHANNELS = frozenset(CHANNELS)
_POINT = {"lon", "lat"}
_CONTACT = {"name", "email", "phone", "language"}


def plainly(raw: Any, known: Set[str], categories: Collection[str], now: datetime) -> dict[str, Any]:
    """The values that the schema would load from `raw`. Raises FallBackToSchema.

    `known` are the fields that may be there; the place is not looked at as a whole.
    """
    if type(raw) is not dict or not raw.keys() <= known:
        raise FallBackToSchema
    get = raw.get
    category = get("category")
    if type(category) is not str or category not in categories:
        raise FallBackToSchema
    channel = get("channel")
    if channel is not None and (type(channel) is not str or channel not in _CHANNELS):
        raise FallBackToSchema
    line = _line(get, now) if "id" in known else {}
    return line | {
        "category": category,
        "description": _text(get("description"), DESCRIPTION_LIMIT, field_validators.words),
        "point": _point(get("point")),
        "address": _optional(get("address"), field_validators.ADDRESS_LIMIT, field_validators.line),
        "occurred_at": _moment(get("occurred_at"), now),
        "channel": channel,
        "language": _optional(get("language"), field_validators.LANGUAGE_LIMIT, field_validators.language),
        "contact": _contact(get("contact")),
    }


def _line(get: Callable[[str], Any], now: datetime) -> dict[str, Any]:
    """What only a line of a batch has."""
    reported = _moment(get("reported_at"), now)
    promised, closed = _moment(get("promised_by"), None), _moment(get("closed_at"), now)
    if any(each and (reported is None or each < reported) for each in (promised, closed)):
        raise FallBackToSchema
    return {
        "id": _text(get("id"), field_validators.LINE_ID_LIMIT, field_validators.line),
        "reported_at": reported,
        "promised_by": promised,
        "closed_at": closed,
    }


def _text(value: Any, limit: int, judge: Callable[[str], str]) -> str:
    if type(value) is not str or len(value) > limit:
        raise FallBackToSchema
    try:
        return judge(value)
    except ValidationError as error:
        raise FallBackToSchema from error


def _optional(value: Any, limit: int, judge: Callable[[str], str]) -> str | None:
    return None if value is None else _text(value, limit, judge)


def _moment(value: Any, now: datetime | None) -> datetime | None:
    """With `now`, one that has come already."""
    if value is None:
        return None
    if type(value) is not str:
        raise FallBackToSchema
    try:
        moment = field_validators.moment(value)
    except ValidationError as error:
        raise FallBackToSchema from error
    if now is not None and too_late(moment, now):
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
        "name": _optional(value.get("name"), field_validators.NAME_LIMIT, field_validators.line),
        "email": _optional(value.get("email"), field_validators.EMAIL_LIMIT, field_validators.email),
        "phone": _optional(value.get("phone"), field_validators.PHONE_LIMIT, field_validators.phone),
        "language": _optional(value.get("language"), field_validators.LANGUAGE_LIMIT, field_validators.language),
    }
    if not contact["email"] and not contact["phone"]:
        raise FallBackToSchema
    return contact
