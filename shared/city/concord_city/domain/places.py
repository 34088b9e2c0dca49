"""Distances on the globe, and slips of the pen in coordinates. Points are (longitude, latitude) in WGS 84 degrees."""

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from concord_city.domain.polygons import Polygon

Point = tuple[float, float]
EARTH_RADIUS_KM = 6371.0


def distance_km(one: Point, other: Point) -> float:
    """Return the length of the great circle between two points, on a sphere: within 0.6 % of the true length."""
    lon1, lat1, lon2, lat2 = map(math.radians, (*one, *other))
    half = math.sin((lat2 - lat1) / 2) ** 2 + math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(min(1.0, half)))


@dataclass(frozen=True, slots=True)
class Box:
    """The extent of a shape that does not cross the antimeridian."""

    west: float
    south: float
    east: float
    north: float

    @property
    def centre(self) -> Point:
        return (self.west + self.east) / 2, (self.south + self.north) / 2

    @property
    def across_km(self) -> float:
        """The diagonal, measured in two steps, because the direct way may go round the other side of the globe."""
        return distance_km((self.west, self.south), self.centre) + distance_km(self.centre, (self.east, self.north))

    def distance_km(self, point: Point) -> float:
        """Return the distance from the point to the nearest point of the box, 0 inside."""
        lon, lat = point
        return distance_km(point, (min(max(lon, self.west), self.east), min(max(lat, self.south), self.north)))


def box_of(polygon: Polygon) -> Box:
    lons, lats = zip(*polygon[0], strict=True)
    return Box(min(lons), min(lats), max(lons), max(lats))


def middle(points: Iterable[Point]) -> Point:
    """Return the middle of points on the globe, also across the antimeridian. There must be at least one point."""
    x = y = z = 0.0
    for lon, lat in points:
        lon, lat = math.radians(lon), math.radians(lat)
        x, y, z = x + math.cos(lat) * math.cos(lon), y + math.cos(lat) * math.sin(lon), z + math.sin(lat)
    return math.degrees(math.atan2(y, x)), math.degrees(math.atan2(z, math.hypot(x, y)))


def largest_group(points: Sequence[Point], within_km: float) -> set[int]:
    """Return the indices of the largest group of points. In a group, steps of at most this length lead to each point.

    The first group wins among groups of one size.
    """
    left, largest = set(range(len(points))), set[int]()
    while len(left) > len(largest):
        seed = min(left)
        left.discard(seed)
        group, reached = {seed}, [seed]
        while reached and left:
            at = points[reached.pop()]
            near = {index for index in left if distance_km(at, points[index]) <= within_km}
            left -= near
            group |= near
            reached += near
        largest = max(largest, group, key=len)
    return largest


@dataclass(frozen=True, slots=True)
class _Slip:
    words: str
    undo: Callable[[float, float], Point]
    min_km: float


_SIGN_KM, _SWAP_KM = 2000.0, 500.0
_SLIPS = (
    _Slip("longitude and latitude look swapped", lambda lon, lat: (lat, lon), _SWAP_KM),
    _Slip("the longitude looks to have the wrong sign", lambda lon, lat: (-lon, lat), _SIGN_KM),
    _Slip("the latitude looks to have the wrong sign", lambda lon, lat: (lon, -lat), _SIGN_KM),
    _Slip("both signs look wrong", lambda lon, lat: (-lon, -lat), _SIGN_KM),
    _Slip("they look swapped, with a wrong sign", lambda lon, lat: (-lat, lon), _SIGN_KM),
    _Slip("they look swapped, with a wrong sign", lambda lon, lat: (lat, -lon), _SIGN_KM),
)
_NEARER = 0.4
"""The share of the distance that may stay without the slip. For Hakkari, which is right, swapping leaves 0.57."""


def slip_of(point: Point, home: Point, within_km: float, *, signs: bool = True) -> str | None:
    """Return in words the slip that put a point far from its home; without it, the point lies within that distance.

    Wrong signs count only above 2,000 km, because Barcelona lies nearer to Madrid with the wrong one. Without `signs`
    they never count.
    """
    away, best = distance_km(point, home), None
    limit = min(within_km, _NEARER * away)
    for slip in _SLIPS:
        lon, lat = slip.undo(*point)
        if (
            away > slip.min_km
            and (signs or slip.min_km == _SWAP_KM)
            and abs(lat) <= 90
            and distance_km((lon, lat), home) <= limit
        ):
            best, limit = slip.words, distance_km((lon, lat), home)
    return best
