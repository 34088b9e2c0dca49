"""From GeoJSON coordinates to polygons as values. It loads no geometry library."""

import math
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Any

Position = tuple[float, float]
Ring = list[Position]
Polygon = list[Ring]
"""The shell, then its holes."""

MAX_SHOWN = 80
LON_LIMIT, LAT_LIMIT = 180.0, 90.0
NOT_DEGREES = "its coordinates are not longitude, latitude in degrees"
CONVERT = "convert the file to WGS 84: ogr2ogr -f GeoJSON -t_srs EPSG:4326 areas.geojson FILE"
CUT = "cut it in two at 180 degrees, as RFC 7946 says: ogr2ogr -wrapdateline -f GeoJSON areas.geojson FILE"
NESTING = {"Polygon": 3, "MultiPolygon": 4}
"""The depth of the lists of coordinates."""


class BadShape(Exception):
    """A geometry that is not an area. The text says why, `remedy` what to do (without it, draw it again)."""

    def __init__(self, problem: str, remedy: str | None = None) -> None:
        super().__init__(problem)
        self.remedy = remedy


def polygons(geometry: Any) -> list[Polygon]:
    """Return the polygons of a GeoJSON geometry in WGS 84 degrees. Empty parts and rings do not count.

    Only the first two numbers of a position count: longitude and latitude. Raises BadShape for any other geometry.
    """
    found = [_polygon(part, where) for part, where in _parts(geometry)]
    found = [polygon for polygon in found if polygon]
    if not found:
        raise BadShape("its geometry is empty")
    _check_degrees(found)
    _check_jumps(found)
    return found


def _parts(geometry: Any) -> Iterator[tuple[Any, str]]:
    """Yield the coordinates of each polygon, and its place in words."""
    kind = _kind(geometry)
    if kind == "GeometryCollection":
        for member in _list(geometry.get("geometries"), "its geometries"):
            if _kind(member) not in NESTING:
                raise BadShape("a 'GeometryCollection' geometry with more than polygons is not an area")
            yield from _parts(member)
        return
    if kind not in NESTING:
        raise BadShape(f"a {shortened(kind)} geometry is not an area")
    coordinates = _list(geometry.get("coordinates"), "its coordinates")
    depth = _depth(coordinates)
    if depth is not None and depth != NESTING[kind] and depth in NESTING.values():
        other = next(name for name, nesting in NESTING.items() if nesting == depth)
        raise BadShape(f"its type is {kind!r}, but its coordinates are those of a {other!r}")
    if kind == "Polygon":
        yield coordinates, ""
    else:
        yield from ((part, f" of part {number}") for number, part in enumerate(coordinates, 1))


def shortened(value: object) -> str:
    """Return a value of a file for a message: in quotes, and of a few words at most."""
    return repr(value) if len(repr(value)) <= MAX_SHOWN else repr(value)[:MAX_SHOWN] + "..."


def _kind(geometry: Any) -> str | None:
    kind = geometry.get("type") if isinstance(geometry, Mapping) else None
    return kind if isinstance(kind, str) else None


def _depth(coordinates: Any) -> int | None:
    """Return how many lists are around the first number, or None without a number."""
    depth = 0
    while isinstance(coordinates, list):
        depth += 1
        coordinates = next((inner for inner in coordinates if inner != []), None)
    return depth if isinstance(coordinates, int | float) else None


def _polygon(coordinates: Any, where: str) -> Polygon:
    """Return the shell and the holes. Without a shell the part is empty."""
    members = _list(coordinates, f"the value{where}")
    rings = [_ring(ring, f"ring {number}{where}") for number, ring in enumerate(members, 1)]
    return [ring for ring in rings if ring] if rings and rings[0] else []


def _ring(positions: Any, where: str) -> Ring:
    return [_position(each, number, where) for number, each in enumerate(_list(positions, where), 1)]


def _position(value: Any, number: int, where: str) -> Position:
    if isinstance(value, list) and len(value) >= 2 and _is_number(value[0]) and _is_number(value[1]):
        return float(value[0]), float(value[1])
    raise BadShape(f"position {number} in {where} is not [longitude, latitude] with two numbers")


def _is_number(value: Any) -> bool:
    try:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    except OverflowError:
        return False


def _list(value: Any, where: str) -> list[Any]:
    if not isinstance(value, list):
        raise BadShape(f"{where}: not a list of rings of [longitude, latitude]")
    return value


def _check_degrees(found: list[Polygon]) -> None:
    wide, high = (max(abs(each[axis]) for each in _positions(found)) for axis in (0, 1))
    if wide > 2 * LON_LIMIT or high > LON_LIMIT:
        raise BadShape(f"{NOT_DEGREES}: {wide:g} and {high:g} look like metres of a map projection", CONVERT)
    if high > LAT_LIMIT:
        swapped = "; longitude and latitude look swapped" if wide <= LAT_LIMIT else ""
        raise BadShape(f"{NOT_DEGREES}: the latitude {high:g} is beyond 90{swapped}", "write [longitude, latitude]")
    if wide > LON_LIMIT and all(lon > LON_LIMIT for lon, _ in _positions(found)):
        raise BadShape(f"its longitudes count from 0 to 360, up to {wide:g}", "subtract 360 from longitudes above 180")
    if wide > LON_LIMIT:
        raise BadShape(f"the longitude {wide:g} is beyond 180: the area crosses the antimeridian", CUT)


def _check_jumps(found: list[Polygon]) -> None:
    for ring in (ring for polygon in found for ring in polygon):
        for (west, _), (east, _) in pairwise(ring):
            if abs(east - west) > LON_LIMIT:
                jump = f"its border jumps from longitude {west:g} to {east:g}"
                raise BadShape(f"{jump}: it crosses the antimeridian, or a sign is wrong", CUT)


def _positions(found: list[Polygon]) -> Iterator[Position]:
    return (position for polygon in found for ring in polygon for position in ring)
