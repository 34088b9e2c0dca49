"""Shapes of areas: local metres, overlaps and gaps. Only this file, the outline and the locator import shapely."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import shapely
from shapely.geometry.base import BaseGeometry

Metres = npt.NDArray[np.float64]
EQUATOR_M = 6_378_137.0
ECCENTRICITY_2 = 0.006_694_379_990_14


@dataclass(frozen=True, slots=True)
class Patch:
    """A piece of land: its size in square metres and a point in it (WGS 84 degrees)."""

    square_metres: float
    lon: float
    lat: float

    def __str__(self) -> str:
        return f"{self.square_metres:,.0f} square metres near {self.lon:.6f}, {self.lat:.6f} (lon, lat)"


@dataclass(frozen=True, slots=True)
class LocalMetres:
    """A flat projection around a point, in metres. Its error is about 0.3 % within 30 km.

    Radii of curvature of the WGS 84 ellipsoid: meridian a(1-e2)/(1-e2 sin2)^1.5, normal a/sqrt(1-e2 sin2).

    With `crosses_180`, land on both sides of the antimeridian lies side by side.
    """

    lon: float
    lat: float
    crosses_180: bool = False

    @property
    def scale(self) -> tuple[float, float]:
        """Metres per degree of longitude and of latitude."""
        sine2 = math.sin(math.radians(self.lat)) ** 2
        normal = EQUATOR_M / math.sqrt(1 - ECCENTRICITY_2 * sine2)
        meridian = EQUATOR_M * (1 - ECCENTRICITY_2) / (1 - ECCENTRICITY_2 * sine2) ** 1.5
        return math.radians(normal * math.cos(math.radians(self.lat))), math.radians(meridian)

    def points(self, degrees: Metres) -> Metres:
        """Convert degrees to metres, in an array of shape (n, 2)."""
        if self.crosses_180:
            degrees = degrees + np.where(degrees[:, :1] < 0, (360.0, 0.0), (0.0, 0.0))
        return (degrees - (self.lon, self.lat)) * self.scale

    def degrees(self, x: float, y: float) -> tuple[float, float]:
        wide, high = self.scale
        lon = self.lon + x / wide
        return lon - 360 if lon > 180 else lon, self.lat + y / high

    def shape(self, outline: bytes) -> BaseGeometry:
        """Return an area's outline in metres. Repair it, because rounding can make a shape invalid."""
        shape = shapely.transform(shapely.from_wkb(outline), self.points)
        if self.crosses_180:
            return polygons_of(shapely.union_all(shapely.get_parts(shape)))
        return shape if shape.is_valid else polygons_of(shapely.make_valid(shape))


def local_metres(outlines: Sequence[bytes]) -> LocalMetres:
    bounds = shapely.bounds(shapely.get_parts(shapely.from_wkb(np.array(outlines, dtype=object))))
    wests, _, easts, _ = bounds.T
    crosses_180 = bool(easts.max() - wests.min() > 180 and not ((wests < 0) & (easts >= 0)).any())
    if crosses_180:
        bounds[easts < 0] += (360, 0, 360, 0)
    (west, south), (east, north) = bounds[:, :2].min(axis=0), bounds[:, 2:].max(axis=0)
    return LocalMetres((west + east) / 2, (south + north) / 2, crosses_180)


def polygons_of(shape: BaseGeometry) -> BaseGeometry:
    """Return the polygons of a collection, without the lines and points that a repair can leave."""
    parts = shapely.get_parts(shapely.get_parts(shape))
    polygons = parts[shapely.get_type_id(parts) == shapely.GeometryType.POLYGON]
    whole: BaseGeometry = shapely.union_all(polygons)
    return whole


def overlaps(outlines: Mapping[str, bytes], tolerance_m2: float) -> list[tuple[str, str, Patch]]:
    """Return pairs of areas that share more than `tolerance_m2` square metres, in the order of the areas."""
    codes, local = list(outlines), local_metres(list(outlines.values()))
    shapes = [local.shape(outline) for outline in outlines.values()]
    pairs = []
    left, right = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    for one, other in sorted(zip(left.tolist(), right.tolist(), strict=True)):
        if one < other:
            patch = patch_of(shapely.intersection(shapes[one], shapes[other]), local)
            if patch.square_metres > tolerance_m2:
                pairs.append((codes[one], codes[other], patch))
    return pairs


def gaps(outlines: Mapping[str, bytes], tolerance_m2: float) -> list[Patch]:
    """Return the holes between the areas above the tolerance, largest first."""
    local = local_metres(list(outlines.values()))
    union = shapely.union_all([local.shape(outline) for outline in outlines.values()])
    holes = [shapely.polygons(ring) for part in shapely.get_parts(union) for ring in part.interiors]
    patches = [patch for patch in (patch_of(hole, local) for hole in holes) if patch.square_metres > tolerance_m2]
    return sorted(patches, key=lambda patch: -patch.square_metres)


def narrower_than(outlines: Mapping[str, bytes], border_m: float) -> list[str]:
    """Return the areas without any point that lies farther than this from the border."""
    local = local_metres(list(outlines.values()))
    return [code for code, outline in outlines.items() if shapely.buffer(local.shape(outline), -border_m).is_empty]


def patch_of(shape: BaseGeometry, local: LocalMetres) -> Patch:
    """Return the size of a shape in local metres, and a point in it."""
    if not shape.area:
        return Patch(0.0, local.lon, local.lat)
    point = shapely.point_on_surface(shape)
    return Patch(float(shape.area), *local.degrees(point.x, point.y))
