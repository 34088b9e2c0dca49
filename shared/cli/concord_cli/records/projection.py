"""From metres of a transverse Mercator projection (UTM) to degrees. Pure.

The series in the third flattening is that of L. Krüger, "Konforme Abbildung des Erdellipsoids in der Ebene" (1912), as
in the EPSG Guidance Note 7-2, method 9807. Up to the third order it is exact to less than a millimetre within a zone.
"""

import math
import re
from dataclasses import dataclass

_CODE = re.compile(r"(?:EPSG:)?([0-9]{4,5})", re.IGNORECASE)
_NORTH = {326: 60, 269: 23, 258: 38}
"""EPSG codes are a family and a zone: WGS 84, NAD 83, ETRS 89; with the last zone of the family."""
_SOUTH = {327: 60}
A, F = 6378137.0, 1 / 298.257223563
"""The ellipsoid of WGS 84 in metres. That of GRS 80 differs by a tenth of a millimetre."""
N = F / (2 - F)
RECTIFYING_RADIUS = A / (1 + N) * (1 + N**2 / 4 + N**4 / 64)
BETA = (N / 2 - 2 * N**2 / 3 + 37 * N**3 / 96, N**2 / 48 + N**3 / 15, 17 * N**3 / 480)
DELTA = (2 * N - 2 * N**2 / 3 - 2 * N**3, 7 * N**2 / 3 - 8 * N**3 / 5, 56 * N**3 / 15)
MAX_FROM_MERIDIAN = 400_000
"""Metres; at the equator a zone reaches 334 km to each side."""
SCALE, FALSE_EASTING, FALSE_NORTHING_SOUTH = 0.9996, 500_000.0, 10_000_000.0


@dataclass(frozen=True, slots=True)
class Utm:
    """A zone of the universal transverse Mercator system, 1 to 60."""

    zone: int
    is_south: bool = False

    def degrees(self, east: float, north: float) -> tuple[float, float] | None:
        """Return longitude and latitude of a point in metres, or None for a point far outside the zone."""
        if not (abs(east - FALSE_EASTING) <= MAX_FROM_MERIDIAN and 0 <= north <= 10_000_000):
            return None
        xi = (north - FALSE_NORTHING_SOUTH * self.is_south) / (SCALE * RECTIFYING_RADIUS)
        eta = (east - FALSE_EASTING) / (SCALE * RECTIFYING_RADIUS)
        waves = [(2 * order, beta) for order, beta in enumerate(BETA, start=1)]
        xi_sphere = xi - sum(beta * math.sin(k * xi) * math.cosh(k * eta) for k, beta in waves)
        eta_sphere = eta - sum(beta * math.cos(k * xi) * math.sinh(k * eta) for k, beta in waves)
        chi = math.asin(math.sin(xi_sphere) / math.cosh(eta_sphere))
        latitude = chi + sum(delta * math.sin(2 * order * chi) for order, delta in enumerate(DELTA, start=1))
        longitude = math.atan2(math.sinh(eta_sphere), math.cos(xi_sphere))
        return round(self.zone * 6 - 183 + math.degrees(longitude), 7), round(math.degrees(latitude), 7)


def projection_of(code: str) -> Utm | None:
    """Return the projection of an EPSG code, or None for one that is not a UTM zone."""
    match = _CODE.fullmatch(code.strip())
    if match is None:
        return None
    family, zone = divmod(int(match.group(1)), 100)
    if 0 < zone <= _NORTH.get(family, 0):
        return Utm(zone)
    return Utm(zone, is_south=True) if 0 < zone <= _SOUTH.get(family, 0) else None
