"""The areas of a city as residents choose them. It needs no geometry library, which saves some 30 MB."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from concord_city.adapters.area_names import KEYS, text_of
from concord_city.domain.places import Box, box_of
from concord_city.domain.point_in_polygon import contains
from concord_city.domain.polygons import BadShape, Polygon, Position, polygons


@dataclass(frozen=True, slots=True)
class AreaChoice:
    """An area with its code, its name and its outline."""

    code: str
    name: str
    shapes: Sequence[Polygon] = field(repr=False)

    @property
    def label(self) -> str:
        """The name with the code, if they differ: `South End (D4)`."""
        return self.name if self.name == self.code else f"{self.name} ({self.code})"


@dataclass(frozen=True, slots=True)
class AreaChoices:
    """The areas by code, in the order of their names. Without areas nothing is outside."""

    by_code: Mapping[str, AreaChoice] = field(default_factory=dict)

    def area_at(self, point: Position) -> AreaChoice | None:
        """Return the area of a point, None outside of all."""
        return next((area for area in self.by_code.values() if contains(area.shapes, point)), None)

    def distance_km(self, point: Position) -> float:
        """Return how far the point is from the nearest area's extent, in kilometres; 0 without areas."""
        boxes: list[Box] = [box_of(shape) for area in self.by_code.values() for shape in area.shapes]
        return min((box.distance_km(point) for box in boxes), default=0.0)


def load_area_choices(folder: Path) -> AreaChoices:
    """Read areas.geojson of a checked city folder. An area that cannot be read is left out; routing reports it."""
    try:
        document = orjson.loads((folder / "areas.geojson").read_bytes())
        features = document["features"]
    except (OSError, ValueError, KeyError, TypeError):
        return AreaChoices()
    drawn: dict[str, tuple[str, list[Polygon]]] = {}
    for feature in features:
        try:
            code, name = (text_of(feature["properties"][key]) for key in KEYS)
            shapes = polygons(feature["geometry"])
        except (KeyError, TypeError, BadShape):
            continue
        if code and name:
            drawn.setdefault(code, (name, []))[1].extend(shapes)
    found = (AreaChoice(code, name, shapes) for code, (name, shapes) in drawn.items())
    return AreaChoices({area.code: area for area in sorted(found, key=lambda area: area.name.casefold())})
