"""The properties `area_id` and `area_name` of the features of areas.geojson."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from concord_city.adapters.toml_reader import CODE, Source
from concord_city.domain.polygons import MAX_SHOWN, shortened

KEYS = ("area_id", "area_name")
MAX_LISTED = 12
Properties = Mapping[str, Any]


@dataclass(slots=True)
class AreaNames:
    """The area of each feature, or None when it has no valid one, and the name of each area.

    `codes` has every code once, in the order of the file; it is None when a feature has no valid one.
    """

    of_feature: list[str | None] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)

    @property
    def codes(self) -> list[str] | None:
        known = [code for code in self.of_feature if code is not None]
        return list(dict.fromkeys(known)) if len(known) == len(self.of_feature) else None


def read_names(features: Sequence[Properties], source: Source) -> AreaNames:
    """Return codes and names. Report what is missing or invalid, and features that are parts of one area."""
    absent = [key for key in KEYS if all(properties.get(key) is None for properties in features)]
    if absent:
        _report_absent(absent, features, source)
    found, torn = AreaNames(), set[str]()
    for number, properties in enumerate(features):
        code, name = (None if key in absent else _text(number, key, properties.get(key), source) for key in KEYS)
        code = _valid(number, code, source)
        found.of_feature.append(code)
        if code is None or name is None:
            continue
        if found.names.setdefault(code, name) != name:
            torn.add(code)
            source.error(
                ("features", number),
                f"the area {code!r} has two names, {shortened(found.names[code])} and {shortened(name)}",
                "give each area its own area_id, or all parts of one area the same area_name",
            )
    _report_parts([None if code in torn else code for code in found.of_feature], source)
    return found


def text_of(value: Any) -> str | None:
    """Return a property as text: 7 and 7.0 are "7". Return None for any other value, and for empty text."""
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) < 10**18:
        return str(value)
    return value if isinstance(value, str) and value.strip() and _is_text(value) else None


def _is_text(value: str) -> bool:
    """Return whether the text can be written as UTF-8. JSON can hold half of a character: \\ud800."""
    return not any("\ud800" <= character <= "\udfff" for character in value)


def _report_absent(absent: Sequence[str], features: Sequence[Properties], source: Source) -> None:
    found = list(dict.fromkeys(key for properties in features for key in properties))
    listed = ", ".join(map(_shown, found[:MAX_LISTED])) + (", ..." if len(found) > MAX_LISTED else "")
    source.error(
        ("features", 0),
        f"no feature has {' or '.join(absent)} (found: {listed or 'no properties at all'})",
        "rename the properties that name each area, or let `concord city init --areas FILE DIR` do it",
    )


def _shown(key: str) -> str:
    return key if key.isprintable() and len(key) <= MAX_SHOWN else shortened(key)


def _text(number: int, key: str, value: Any, source: Source) -> str | None:
    text = text_of(value)
    if text is None:
        missing = value is None or value == ""
        what = f"the property {key!r} is missing" if missing else f"{key!r} must be a text or a whole number"
        source.error(("features", number), f"{what} in feature {number + 1}", f'add "{key}": "..." to its properties')
    return text


def _valid(number: int, code: str | None, source: Source) -> str | None:
    if code is None or CODE.fullmatch(code):
        return code
    source.error(
        ("features", number), f"the area_id {shortened(code)} is invalid", "use 1 to 64 letters, digits, - and _ only"
    )
    return None


def _report_parts(codes: Sequence[str | None], source: Source) -> None:
    numbers: dict[str, list[int]] = {}
    for number, code in enumerate(codes):
        if code is not None:
            numbers.setdefault(code, []).append(number)
    for code, several in numbers.items():
        if len(several) > 1:
            listed = ", ".join(str(number + 1) for number in several[:MAX_LISTED])
            more = ", ..." if len(several) > MAX_LISTED else ""
            source.report(
                "note",
                source.lines.line(("features", several[0])),
                f"the area {code!r} has {len(several)} features ({listed}{more}); Concord joins them",
                "if they are different areas, give each its own area_id",
            )
