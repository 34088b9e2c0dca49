"""Joins the parts of one area that a boundary file has as several features."""

import json
from collections.abc import Sequence

import shapely

from concord_city.domain.polygons import Polygon, polygons
from concord_city.outline import outline_of


def joined_parts(parts: Sequence[Polygon]) -> list[Polygon]:
    """Return polygons that do not touch along a line, with the ground of all parts.

    Raises BadShape if the parts do not enclose a surface.
    """
    outline = outline_of(parts)
    if outline.repaired is None:
        return list(parts)
    return polygons(json.loads(shapely.to_geojson(shapely.from_wkb(outline.wkb))))
