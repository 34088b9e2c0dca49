"""The outlines of the city's areas, for a map: from areas.geojson of its folder, on the public grid."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DECIMALS = 3
"""Of degrees, about 100 m: a city fills a screen with less, and neighbours, rounded alike, still meet."""
LEAST_CORNERS = 4


@dataclass(frozen=True, slots=True)
class Outlines:
    """Codes and names in the order of the file, and a GeoJSON FeatureCollection of them."""

    names: dict[str, str]
    geojson: dict[str, Any]


NOWHERE = Outlines({}, {"type": "FeatureCollection", "features": []})


def read_outlines(city: Path | None) -> Outlines:
    """The outlines of a city folder, none without one. Raises ValueError for a file that is no such thing."""
    if city is None:
        return NOWHERE
    try:
        given = json.loads((city / "areas.geojson").read_text(encoding="utf-8"))
        features = [_feature(each) for each in given["features"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{city / 'areas.geojson'} cannot be read: see `concord city check {city}`") from error
    names = {each["properties"]["area"]: each["properties"]["name"] for each in features}
    return Outlines(names, {"type": "FeatureCollection", "features": features})


def _feature(feature: dict[str, Any]) -> dict[str, Any]:
    properties, geometry = feature["properties"], feature["geometry"]
    given = geometry["coordinates"]
    polygons = [given] if geometry["type"] == "Polygon" else given
    coarse = [[_ring(ring) for ring in polygon] for polygon in polygons]
    seen = [[ring for ring in polygon if len(ring) >= LEAST_CORNERS] for polygon in coarse]
    return {
        "type": "Feature",
        "id": str(properties["area_id"]),
        "properties": {"area": str(properties["area_id"]), "name": str(properties["area_name"])},
        "geometry": {"type": "MultiPolygon", "coordinates": [polygon for polygon in seen if polygon]},
    }


def _ring(ring: list[list[float]]) -> list[tuple[float, float]]:
    """Its corners on the grid, none twice in a row."""
    corners: list[tuple[float, float]] = []
    for longitude, latitude, *_ in ring:
        corner = (round(longitude, DECIMALS), round(latitude, DECIMALS))
        if not corners or corners[-1] != corner:
            corners.append(corner)
    return corners
