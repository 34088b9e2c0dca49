"""The place of each time zone, from the tables of the pinned package `tzdata`."""

import re
from functools import cache
from importlib.resources import files

from concord_city.domain.places import Point, distance_km

TABLES = ("zone1970.tab", "zone.tab")
"""zone.tab has a place for each country of a zone, such as Europe/Oslo, which is a link to Europe/Berlin."""
COORDINATES = re.compile(r"([+-])(\d{2})(\d{2})(\d{2})?([+-])(\d{3})(\d{2})(\d{2})?")
ABBREVIATIONS = frozenset(("EST", "MST", "HST"))
"""Names of one offset that tzdata links to a place where it is the time all year: EST to Panama."""


@cache
def places() -> dict[str, Point]:
    """Return the place (longitude, latitude) of each zone that has one, such as Europe/Oslo."""
    return {zone: _point(coordinates) for _, coordinates, zone in reversed(_rows())}


def place_of(zone: str) -> Point | None:
    """Return the place of a zone, or of the one to which its name links, such as US/Eastern. UTC and EST have none."""
    return None if zone in ABBREVIATIONS else places().get(_resolved(zone))


def nearest_zone(point: Point) -> tuple[str, float]:
    """Return the zone with the nearest place, and the distance to that place in kilometres."""
    return min(((zone, distance_km(point, place)) for zone, place in places().items()), key=lambda each: each[1])


def share_country(zone: str, other: str) -> bool:
    """Return whether two zones are those of one country, other than China, where all clocks show one time."""
    return bool((_countries(zone) & _countries(other)) - {"CN"})


def _countries(zone: str) -> set[str]:
    return {code for codes, _, name in _rows() if name == _resolved(zone) for code in codes.split(",")}


@cache
def _rows() -> list[tuple[str, str, str]]:
    """Return the country codes, coordinates and name of each row of the tables."""
    rows = (line.split("\t") for table in TABLES for line in _read(table).splitlines() if not line.startswith("#"))
    return [(row[0], row[1], row[2]) for row in rows if len(row) >= 3]


def _resolved(zone: str) -> str:
    links, known = _links(), places()
    while zone not in known and zone in links:
        zone = links[zone]
    return zone


@cache
def _links() -> dict[str, str]:
    lines = (line.split() for line in _read("tzdata.zi").splitlines() if line.startswith("L "))
    return {name: target for _, target, name in lines}


def _read(name: str) -> str:
    return (files("tzdata") / "zoneinfo" / name).read_text(encoding="utf-8")


def _point(text: str) -> Point:
    """Return the point of a text of ISO 6709, such as +404251-0740023."""
    match = COORDINATES.fullmatch(text)
    if match is None:
        raise ValueError(f"not a place in tzdata: {text!r}")
    sign_lat, *lat, sign_lon = match.group(1, 2, 3, 4, 5)
    return _degrees(sign_lon, *match.group(6, 7, 8)), _degrees(sign_lat, *lat)


def _degrees(sign: str, degrees: str, minutes: str, seconds: str | None) -> float:
    value = int(degrees) + int(minutes) / 60 + int(seconds or 0) / 3600
    return -value if sign == "-" else value
