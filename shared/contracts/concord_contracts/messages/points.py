"""Points of concerns: exact ones for routing, and points on a coarse public grid."""

from concord_contracts.fields import degrees, message, wire

GRID_DECIMALS = 3
"""Public points are rounded to 0.001 degree: 111 m north-south, 82 m east-west at Boston's latitude."""


@message
class ExactPoint:
    """A point as the resident gave it. It travels only encrypted."""

    lon: float = wire(degrees(180), "longitude", "WGS 84 degrees, east positive")
    lat: float = wire(degrees(90), "latitude", "WGS 84 degrees, north positive")


@message
class GridPoint:
    """A point on the public grid of about 100 m."""

    lon: float = wire(degrees(180, GRID_DECIMALS), "longitude on the public grid", "WGS 84 degrees, east positive")
    lat: float = wire(degrees(90, GRID_DECIMALS), "latitude on the public grid", "WGS 84 degrees, north positive")


def snap(exact: ExactPoint) -> GridPoint:
    """Return the grid point nearest to an exact one."""
    return GridPoint(lon=round(exact.lon, GRID_DECIMALS), lat=round(exact.lat, GRID_DECIMALS))
