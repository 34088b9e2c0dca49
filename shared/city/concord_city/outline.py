"""From polygons as values to one valid outline. A repair neither adds nor loses ground."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

from concord_city.domain.polygons import BadShape, Polygon, Ring
from concord_city.geometry import LocalMetres, Patch, patch_of, polygons_of

MIN_CORNERS = 3
TOLERANCE_M2 = 100.0
"""Smaller pieces of land are inaccuracies of drawing."""
Points = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Outline:
    """A valid polygon or multipolygon as well-known binary.

    `repaired` is the fault that a repair took away, `overlap` the land in two of its parts; both may be None.
    """

    wkb: bytes
    repaired: str | None = None
    overlap: Patch | None = None


def outline_of(polygons: Sequence[Polygon]) -> Outline:
    """Return the union of the polygons.

    Raises BadShape if they enclose less than a square metre, or if readings of them differ by more than 100 square
    metres.
    """
    try:
        parts = [_part(polygon) for polygon in polygons]
        outline = _union([shape for shape, _ in parts if not shape.is_empty])
    except shapely.errors.ShapelyError as error:
        raise BadShape(f"its coordinates do not make a shape ({error})") from error
    repaired = next((reason for _, reason in parts if reason), outline.repaired)
    return replace(outline, repaired=repaired)


def _union(shapes: Sequence[BaseGeometry]) -> Outline:
    whole = shapes[0] if len(shapes) == 1 else shapely.multipolygons(shapely.get_parts(shapes))
    if _patch(whole).square_metres < 1:
        raise BadShape("it does not enclose a surface")
    if whole.is_valid:
        return Outline(bytes(whole.wkb))
    joined = join_outlines([bytes(shape.wkb) for shape in shapes])
    return replace(joined, repaired=shapely.is_valid_reason(whole))


def join_outlines(outlines: Sequence[bytes]) -> Outline:
    """Return the union of valid outlines, with the land that lies in two of them."""
    shapes = shapely.from_wkb(np.array(outlines, dtype=object))
    overlap = shapely.union_all([polygons_of(shapely.intersection(shapes[a], shapes[b])) for a, b in _touching(shapes)])
    patch = _patch(overlap)
    return Outline(bytes(shapely.union_all(shapes).wkb), overlap=patch if patch.square_metres > TOLERANCE_M2 else None)


def _touching(shapes: npt.NDArray[np.object_]) -> list[tuple[int, int]]:
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    return [(a, b) for a, b in zip(left.tolist(), right.tolist(), strict=True) if a < b]


def _part(polygon: Polygon) -> tuple[BaseGeometry, str | None]:
    """Return the ground of one polygon, which may be empty, and its fault, if any."""
    rings = [ring for ring in polygon if len(ring) >= MIN_CORNERS]
    if len(polygon[0]) < MIN_CORNERS:
        return shapely.Polygon(), "Too few points in geometry component"
    shape = shapely.Polygon(rings[0], rings[1:])
    if shape.is_valid:
        return shape, None
    return _ground(rings), shapely.is_valid_reason(shape)


def _ground(rings: Sequence[Ring]) -> BaseGeometry:
    """Return the land inside the shell and outside the holes. Raises BadShape if it depends on the reading."""
    closed = [np.array([*ring, ring[0]]) for ring in rings]
    lines = shapely.get_parts(shapely.union_all([shapely.linestrings(ring) for ring in closed]))
    faces = shapely.get_parts(shapely.polygonize(lines))
    if not len(faces):
        return shapely.Polygon()
    inside = shapely.get_coordinates(shapely.point_on_surface(faces))
    turns = _turns(closed[0], inside)
    in_hole = np.zeros(len(faces), dtype=bool)
    for hole in closed[1:]:
        in_hole |= _turns(hole, inside) != 0
    _check_reading(faces[(turns == 0) & in_hole], "a hole leaves its outer ring: to keep it would add")
    _check_reading(
        faces[(turns != 0) & (turns % 2 == 0) & ~in_hole], "its border goes round twice: to cut that out would lose"
    )
    return polygons_of(shapely.union_all(faces[(turns % 2 != 0) & ~in_hole]))


def _turns(ring: Points, points: Points) -> npt.NDArray[np.int64]:
    """Return how often the closed ring goes round each point; clockwise turns count as negative."""
    x, y = points[:, :1], points[:, 1:]
    x1, y1, x2, y2 = ring[:-1, 0], ring[:-1, 1], ring[1:, 0], ring[1:, 1]
    side = (x2 - x1) * (y - y1) - (x - x1) * (y2 - y1)
    up, down = (y1 <= y) & (y2 > y) & (side > 0), (y1 > y) & (y2 <= y) & (side < 0)
    turns: npt.NDArray[np.int64] = up.sum(axis=1) - down.sum(axis=1)
    return turns


def _check_reading(faces: npt.NDArray[np.object_], problem: str) -> None:
    patch = _patch(shapely.union_all(faces))
    if patch.square_metres > TOLERANCE_M2:
        raise BadShape(f"{problem} {patch}", "draw each ring once, and holes inside their outer ring")


def _patch(shape: BaseGeometry) -> Patch:
    if shape.is_empty:
        return Patch(0.0, 0.0, 0.0)
    west, south, east, north = shapely.bounds(shape)
    local = LocalMetres((west + east) / 2, (south + north) / 2)
    return patch_of(shapely.transform(shape, local.points), local)
