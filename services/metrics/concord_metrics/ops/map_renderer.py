"""The city's areas as outlines for a screen: `python -m concord_metrics.ops.map_renderer FOLDER` prints them as JSON.

A program of its own, so that the service does not carry the geometry library's memory for the rest of its life.
"""

import json
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import shapely
from shapely.geometry.base import BaseGeometry

from concord_city import City, load
from concord_city.geometry import local_metres

WIDTH = 1000
"""The drawing's longer side, in its own units."""
DETAIL = 1 / 500
"""Bends smaller than this share of the longer side are straightened, alike on both sides of a border."""
SPECK = 1 / 300
"""Islands narrower than this share of the longer side are left out."""


def drawing(city: City) -> dict[str, Any]:
    """Names, and for each area an SVG path and the centre and radius of the largest circle within it."""
    areas = list(city.areas.values())
    local = local_metres([each.outline for each in areas])
    shapes = [local.shape(each.outline) for each in areas]
    west, south, east, north = shapely.total_bounds(shapes)
    side = max(east - west, north - south)
    thinned = shapely.coverage_simplify(shapes, side * DETAIL)
    scale = WIDTH / side

    def to_screen(points: Any) -> Any:
        return (points - (west, north)) * (scale, -scale)

    drawn = [shapely.transform(each, to_screen) for each in thinned]
    return {
        "name": city.name,
        "width": round((east - west) * scale),
        "height": round((north - south) * scale),
        "areas": [_area(area.code, area.name, shape) for area, shape in zip(areas, drawn, strict=True)],
        "categories": {code: each.name(city.languages[0]) for code, each in city.categories.items()},
        "teams": {code: each.name(city.languages[0]) for code, each in city.teams.items()},
    }


def _area(code: str, name: str, shape: BaseGeometry) -> dict[str, Any]:
    parts = sorted(shapely.get_parts(shape), key=lambda part: -part.area)
    kept = [each for index, each in enumerate(parts) if index == 0 or each.area > (SPECK * WIDTH) ** 2]
    radius = shapely.maximum_inscribed_circle(kept[0])
    (x, y), _ = shapely.get_coordinates(radius)
    circle = {"x": round(float(x), 1), "y": round(float(y), 1), "r": round(float(shapely.length(radius)), 1)}
    return {"code": code, "name": name, "path": "".join(_rings(kept)), **circle}


def _rings(parts: Sequence[BaseGeometry]) -> Iterator[str]:
    for part in parts:
        for ring in (part.exterior, *part.interiors):
            points = shapely.get_coordinates(ring)[:-1].round(1)
            yield "M" + "L".join(f"{x:g},{y:g}" for x, y in points.tolist()) + "Z"


if __name__ == "__main__":
    print(json.dumps(drawing(load(Path(sys.argv[1])))))
