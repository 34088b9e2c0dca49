"""The form of a report: reads it into the same values as the JSON of POST /v1/concerns, and names what is wrong."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from concord_city.adapters.area_choices import AreaChoices
from concord_i18n.translator import Translator
from concord_intake.domain.typed_coordinates import InvalidCoordinates, read_coordinates
from concord_intake.i18n import report_messages
from concord_pages import page_text
from concord_web import Query

CONTACT_FIELDS = ("name", "email", "phone")
FIELDS = (
    "category",
    "coordinates",
    "address",
    "area",
    "description",
    "occurred_at",
    *CONTACT_FIELDS,
    "contact_language",
)
"""The fields in the order of the page."""
TOO_FAR_KM = 100.0
"""A point farther from the city than this is a slip of the finger, such as swapped coordinates."""
_KEY = re.compile(r"[0-9a-f]{32}")
_FIELD_OF = {"point": "coordinates", "contact": "email"}
_PARTS_OF_CONTACT = {"language": "contact_language"}


@dataclass(frozen=True, slots=True)
class ReportForm:
    """A form as it was sent. `errors` are about the place and the time; the schema of concerns judges the rest.

    `raw` is what POST /v1/concerns would take, `key` the Idempotency-Key of this form. `area` is the code of the area
    that stands in for a point.
    """

    values: Mapping[str, str]
    key: str
    raw: Mapping[str, Any]
    errors: Mapping[str, str]
    area: str | None = None


def new_key() -> str:
    """Return the random key of a new form: the same form sent twice makes one concern."""
    return secrets.token_hex(16)


def key_of(form: Query) -> str:
    """Return the key of a form that a page made, else a new one."""
    key = form.arg("key") or ""
    return key if _KEY.fullmatch(key) else new_key()


def read_report(form: Query, translator: Translator, areas: AreaChoices, zone: ZoneInfo, city: str) -> ReportForm:
    """Read what somebody typed, in the language of the page."""
    values = {name: page_text(form.arg(name)) for name in FIELDS}
    place, errors = _place(values, translator, areas, city)
    area = None if "point" in place or errors else areas.by_code.get(values["area"])
    occurred, more = _occurred_at(values["occurred_at"], translator, zone)
    raw = {
        "category": values["category"],
        "description": values["description"],
        "language": translator.language,
        "channel": "web",
        **place,
        **occurred,
        **_contact(values, translator),
    }
    return ReportForm(values, key_of(form), raw, {**errors, **more}, area.code if area else None)


def field_errors(messages: Mapping[str, Any], report: ReportForm, translator: Translator) -> dict[str, str]:
    """Return a remedy for each wrong field, in the order of the page. `messages` are the schema's."""
    wrong = dict.fromkeys(_wrong_fields(messages))
    found = {name: report_messages.field_error(name, translator, len(report.values[name])) for name in wrong}
    found.update(report.errors)
    return {name: found[name] for name in FIELDS if name in found}


def _wrong_fields(messages: Mapping[str, Any]) -> list[str]:
    names: list[Any] = []
    for field, nested in messages.items():
        if field == "contact" and isinstance(nested, Mapping) and "_schema" not in nested:
            names += [_PARTS_OF_CONTACT.get(part, part) for part in nested]
        else:
            names.append(_FIELD_OF.get(field, field))
    return [name for name in names if name in FIELDS]


def _place(
    values: Mapping[str, str], translator: Translator, areas: AreaChoices, city: str
) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the point and the address. The name of a chosen area is the address if there is no other."""
    address = values["address"]
    if values["coordinates"]:
        try:
            lon, lat = read_coordinates(values["coordinates"])
        except InvalidCoordinates:
            return _described(address), {"coordinates": report_messages.unreadable_coordinates(translator)}
        if areas.distance_km((lon, lat)) > TOO_FAR_KM:
            return _described(address), {"coordinates": report_messages.far_coordinates(translator, city)}
        return {"point": {"lon": lon, "lat": lat}, **_described(address)}, {}
    area = areas.by_code.get(values["area"])
    return _described(address or (area.label if area else "")), {}


def _described(address: str) -> dict[str, Any]:
    return {"address": address} if address else {}


def _occurred_at(typed: str, translator: Translator, zone: ZoneInfo) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the time with its offset. The city's local time is meant."""
    if not typed:
        return {}, {}
    try:
        local = datetime.fromisoformat(typed.replace(" ", "T", 1)).replace(tzinfo=zone)
        return {"occurred_at": local.astimezone(UTC).isoformat()}, {}
    except (ValueError, OverflowError):
        return {}, {"occurred_at": report_messages.field_error("occurred_at", translator, 0)}


def _contact(values: Mapping[str, str], translator: Translator) -> dict[str, Any]:
    given = {name: values[name] for name in CONTACT_FIELDS if values[name]}
    if not given:
        return {}
    return {"contact": given | {"language": values["contact_language"] or translator.language}}
