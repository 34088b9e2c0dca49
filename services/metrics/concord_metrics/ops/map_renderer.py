"""Renders the city's areas for a screen: `python -m concord_metrics.ops.map_renderer FOLDER` prints them as JSON.

It is a program of its own, so the geometry library does not stay in the service's memory.
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
TOLERANCE = 1 / 500
"""Smallest bend to keep, as a share of the longer side. Both sides of a border lose the same bends."""
MIN_ISLAND = 1 / 300
"""Narrowest island to keep, as a share of the longer side."""


def draw_map(city: City) -> dict[str, Any]:
    """Names, and for each area an SVG path and the centre and radius of the largest circle within it."""
    areas = list(city.areas.values())
    local = local_metres([area.outline for area in areas])
    shapes = [local.shape(area.outline) for area in areas]
    west, south, east, north = shapely.total_bounds(shapes)
    side = max(east - west, north - south)
    simplified = shapely.coverage_simplify(shapes, side * TOLERANCE)
    scale = WIDTH / side

    def to_screen(points: Any) -> Any:
        return (points - (west, north)) * (scale, -scale)

    screen_shapes = [shapely.transform(shape, to_screen) for shape in simplified]
    return {
        "name": city.name,
        "width": round((east - west) * scale),
        "height": round((north - south) * scale),
        "areas": [_area(area.code, area.name, shape) for area, shape in zip(areas, screen_shapes, strict=True)],
        "categories": {code: category.name(city.languages[0]) for code, category in city.categories.items()},
        "teams": {code: team.name(city.languages[0]) for code, team in city.teams.items()},
    }


def _area(code: str, name: str, shape: BaseGeometry) -> dict[str, Any]:
    parts = sorted(shapely.get_parts(shape), key=lambda part: -part.area)
    visible = [part for index, part in enumerate(parts) if index == 0 or part.area > (MIN_ISLAND * WIDTH) ** 2]
    radius = shapely.maximum_inscribed_circle(visible[0])
    (x, y), _ = shapely.get_coordinates(radius)
    circle = {"x": round(float(x), 1), "y": round(float(y), 1), "r": round(float(shapely.length(radius)), 1)}
    return {"code": code, "name": name, "path": "".join(_rings(visible)), **circle}


def _rings(parts: Sequence[BaseGeometry]) -> Iterator[str]:
    for part in parts:
        for ring in (part.exterior, *part.interiors):
            points = shapely.get_coordinates(ring)[:-1].round(1)
            yield "M" + "L".join(f"{x:g},{y:g}" for x, y in points.tolist()) + "Z"


if __name__ == "__main__":
    print(json.dumps(draw_map(load(Path(sys.argv[1])))))
