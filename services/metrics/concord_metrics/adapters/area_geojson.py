"""Area outlines of the city for a map: from areas.geojson of its folder, on the public grid."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

DECIMALS = 3
"""Decimals of WGS 84 degrees, about 100 m: enough for a screen, and rounded neighbours still meet."""
MIN_CORNERS = 4


@dataclass(frozen=True, slots=True)
class AreaOutlines:
    """Names by code, in the order of the file, and a GeoJSON FeatureCollection."""

    names: dict[str, str]
    geojson: dict[str, Any]


NO_OUTLINES = AreaOutlines({}, {"type": "FeatureCollection", "features": []})


def read_outlines(city: Path | None) -> AreaOutlines:
    """The outlines of a city folder, none without a folder. Raises ValueError for an invalid file.

    It does not use `concord_city.load`, which needs shapely's memory for the rest of the service's life.
    """
    if city is None:
        return NO_OUTLINES
    try:
        areas = json.loads((city / "areas.geojson").read_text(encoding="utf-8-sig"))
        features = [_feature(area) for area in areas["features"]]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{city / 'areas.geojson'} is not readable: run `concord city check {city}`") from error
    names = {feature["properties"]["area"]: feature["properties"]["name"] for feature in features}
    return AreaOutlines(names, {"type": "FeatureCollection", "features": features})


def _feature(feature: dict[str, Any]) -> dict[str, Any]:
    properties, geometry = feature["properties"], feature["geometry"]
    coordinates = geometry["coordinates"]
    polygons = [coordinates] if geometry["type"] == "Polygon" else coordinates
    rounded = [[_ring(ring) for ring in polygon] for polygon in polygons]
    visible = [[ring for ring in polygon if len(ring) >= MIN_CORNERS] for polygon in rounded]
    return {
        "type": "Feature",
        "id": str(properties["area_id"]),
        "properties": {"area": str(properties["area_id"]), "name": str(properties["area_name"])},
        "geometry": {"type": "MultiPolygon", "coordinates": [polygon for polygon in visible if polygon]},
    }


def _ring(ring: list[list[float]]) -> list[tuple[float, float]]:
    """The corners on the grid, without repetition in a row."""
    corners: list[tuple[float, float]] = []
    for longitude, latitude, *_ in ring:
        corner = (round(longitude, DECIMALS), round(latitude, DECIMALS))
        if not corners or corners[-1] != corner:
            corners.append(corner)
    return corners
