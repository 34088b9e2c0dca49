"""The areas of a city from the features of its boundary file."""

import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any

from concord_city.adapters.boundary_file import Feature
from concord_city.domain.polygons import BadShape, Polygon, polygons
from concord_cli.city.draft.area_properties import choose_id, choose_name, id_text
from concord_cli.city.draft.codes import codes_for
from concord_cli.city.draft.property_words import property_words

MAX_NAME = 120
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])|[_\W]+")
_ZEROS = re.compile(r"0+(?=\d)")


@dataclass(frozen=True, slots=True)
class DraftArea:
    """An area. `properties` are the source's own; `polygons` are all parts of the area."""

    code: str
    name: str
    properties: Mapping[str, Any]
    polygons: tuple[Polygon, ...]


@dataclass(frozen=True, slots=True)
class DraftAreas:
    """The areas in the order of the file, and how they were found.

    Without an `id_property` the areas have their numbers in the file. `joined` are the codes of areas in several
    features. `recoded` has the codes of ids that are no codes.
    """

    areas: tuple[DraftArea, ...]
    id_property: str | None
    other_ids: tuple[str, ...]
    name_property: str | None
    other_names: tuple[str, ...]
    joined: tuple[str, ...]
    recoded: Mapping[str, str]

    @property
    def centre(self) -> tuple[float, float]:
        """Longitude and latitude of the city. An area far from the others does not move it."""
        middles = [_middle(area) for area in self.areas]
        return median(lon for lon, _ in middles), median(lat for _, lat in middles)


def draft_areas(
    features: Sequence[Feature], id_property: str | None = None, name_property: str | None = None
) -> DraftAreas:
    """Return the areas. Without a wanted property, the one that fits best counts.

    Raises UnknownProperty for a wanted property that is missing, and BadShape for a feature without a surface.
    """
    properties = [feature.properties for feature in features]
    ids = choose_id(properties, id_property)
    names = choose_name(properties, ids.name, name_property)
    groups: dict[str, list[Feature]] = {}
    for number, feature in enumerate(features, 1):
        text = id_text(feature.properties[ids.name]) if ids.name else str(number)
        groups.setdefault(text, []).append(feature)
    codes = codes_for(list(groups), "area")
    return DraftAreas(
        tuple(_area(codes[text], text, parts, ids.name, names.name) for text, parts in groups.items()),
        ids.name,
        ids.others,
        names.name,
        names.others,
        tuple(codes[text] for text, parts in groups.items() if len(parts) > 1),
        {text: code for text, code in codes.items() if text != code},
    )


def _area(
    code: str, text: str, parts: Sequence[Feature], id_property: str | None, name_property: str | None
) -> DraftArea:
    names = (id_text(part.properties.get(name_property)) for part in parts) if name_property else ()
    name = next((" ".join(name.split()) for name in names if name), None) or f"{_kind(id_property)} {text}"
    found = [polygon for part in parts for polygon in _polygons(part, text)]
    return DraftArea(code, name[:MAX_NAME], _own(parts[0].properties), tuple(found))


def _kind(id_property: str | None) -> str:
    """Return what the areas are: `Police Beat` for a property `POLICE_BEAT`, `Area` for an `OBJECTID`."""
    if id_property is None:
        return "Area"
    words = property_words(id_property)
    if not words.is_area or words.is_id:
        return "Area"
    return " ".join(_CAMEL.sub(" ", id_property).split()).title()


def _polygons(feature: Feature, text: str) -> list[Polygon]:
    try:
        if feature.geometry is None:
            raise BadShape("it has no geometry")
        return polygons(feature.geometry)
    except BadShape as error:
        where = f"line {feature.line}, area {text!r}" if feature.line else f"area {text!r}"
        raise BadShape(f"{where}: {error}", error.remedy) from error


def _own(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Return the source's properties but those that Concord writes, and numbers that JSON does not know."""
    return {
        name: value
        for name, value in properties.items()
        if name not in ("area_id", "area_name") and not (isinstance(value, float) and not math.isfinite(value))
    }


def _middle(area: DraftArea) -> tuple[float, float]:
    positions = [position for polygon in area.polygons for ring in polygon for position in ring]
    return fmean(lon for lon, _ in positions), fmean(lat for _, lat in positions)


def match_areas(recorded: Iterable[str], areas: Iterable[DraftArea]) -> dict[str, str]:
    """Return the code of each text that names an area, in any spelling: `C-11` is C11, `Downtown` is CBD."""
    known: dict[str, str] = {}
    for area in areas:
        for text in (area.code, area.name):
            known.setdefault(_folded(text), area.code)
    return {text: known[_folded(text)] for text in recorded if _folded(text) in known}


def _folded(text: str) -> str:
    text = text.removesuffix(".0").casefold()
    return _ZEROS.sub("", "".join(letter for letter in text if letter.isalnum()), count=1)
