"""Tests whether a point lies in a polygon: plain Python, no geometry library.

Points are (longitude, latitude) in WGS 84 degrees. A polygon is its shell and its holes, and crosses no antimeridian.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from concord_city.domain.polygons import Polygon, Position


def contains(polygons: Sequence[Polygon], point: Position) -> bool:
    """Return whether the point lies in one of the polygons and in none of its holes. A border may count either way."""
    lon, lat = point
    return any(sum(lon < crossing for crossing in _crossings(polygon, lat)) % 2 for polygon in polygons)


def _crossings(polygon: Polygon, lat: float) -> Iterator[float]:
    """Yield the longitudes at which the rings cross a latitude."""
    for ring in polygon:
        for (lon1, lat1), (lon2, lat2) in pairwise([*ring, ring[0]]):
            if (lat1 > lat) != (lat2 > lat):
                yield lon1 + (lat - lat1) * (lon2 - lon1) / (lat2 - lat1)
