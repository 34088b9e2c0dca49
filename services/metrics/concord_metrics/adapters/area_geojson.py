"""Area outlines of the city for a map: from areas.geojson of its folder, on the public grid."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from concord_city.adapters.area_names import KEYS, text_of
from concord_city.adapters.boundary_file import BoundaryError, decoded, read_features
from concord_city.domain.polygons import BadShape, Polygon, Ring, polygons

DECIMALS = 3
"""Decimals of WGS 84 degrees, about 100 m: enough for a screen, and rounded neighbours still meet."""
MIN_CORNERS = 4


@dataclass(frozen=True, slots=True)
class AreaOutlines:
    """Names by code, in the order of the file, and a GeoJSON FeatureCollection."""

    names: dict[str, str]
    geojson: dict[str, Any]


NO_OUTLINES = AreaOutlines({}, {"type": "FeatureCollection", "features": []})


def read_outlines(city: Path) -> AreaOutlines:
    """The outlines of a city folder. Raises ValueError for an invalid file.

    It does not use `concord_city.load`, which needs shapely's memory for the rest of the service's life.
    """
    try:
        names, areas = _areas(city / "areas.geojson")
    except (OSError, BoundaryError, BadShape) as error:
        raise ValueError(f"{city / 'areas.geojson'} is not readable: run `concord city check {city}`") from error
    drawn = [_feature(code, names[code], parts) for code, parts in areas.items()]
    return AreaOutlines(names, {"type": "FeatureCollection", "features": drawn})


def _areas(file: Path) -> tuple[dict[str, str], dict[str, list[Polygon]]]:
    """Return the name and the polygons of each area by code: the features of one area are its parts."""
    names: dict[str, str] = {}
    areas: dict[str, list[Polygon]] = {}
    for feature in read_features(decoded(file.read_bytes())).features:
        code, name = (text_of(feature.properties.get(key)) for key in KEYS)
        if code is None or name is None:
            raise BadShape("a feature has no area_id or area_name")
        names.setdefault(code, name)
        areas.setdefault(code, []).extend(polygons(feature.geometry))
    return names, areas


def _feature(code: str, name: str, parts: list[Polygon]) -> dict[str, Any]:
    rounded = [[_ring(ring) for ring in polygon] for polygon in parts]
    visible = [[ring for ring in polygon if len(ring) >= MIN_CORNERS] for polygon in rounded]
    return {
        "type": "Feature",
        "id": code,
        "properties": {"area": code, "name": name},
        "geometry": {"type": "MultiPolygon", "coordinates": [polygon for polygon in visible if polygon]},
    }


def _ring(ring: Ring) -> Ring:
    """The corners on the grid, without repetition in a row."""
    corners: Ring = []
    for longitude, latitude in ring:
        corner = (round(longitude, DECIMALS), round(latitude, DECIMALS))
        if not corners or corners[-1] != corner:
            corners.append(corner)
    return corners
