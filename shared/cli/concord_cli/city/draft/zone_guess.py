"""The time zone of a city from where it lies: the zone of the nearest place in tzdata's table."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from importlib import resources
from zoneinfo import ZoneInfo

from concord_city.adapters.zone_places import places
from concord_city.domain.places import distance_km

ZONES, COUNTRIES = "zone1970.tab", "zone.tab"
"""Zones that differ since 1970, and zones by country: the first has Europe/Brussels for Amsterdam."""
NEAR_KM = 300.0
NEAR_TIMES = 2.0
MAX_OTHERS = 3
FAR_KM, FAR_TIMES = 500.0, 4
MAX_LATITUDE = 90
_EMERGENCY = {
    "911": ("US", "CA", "MX", "AR", "PH", "PR", "VI", "GU"),
    "999": ("GB", "GG", "IM", "JE", "HK", "MY"),
    "000": ("AU",),
    "111": ("NZ",),
}
OTHER_EMERGENCY = "112"
"""The number of Europe and of GSM telephones elsewhere."""


@dataclass(frozen=True, slots=True)
class ZoneRow:
    """A zone, and its countries with commas between them."""

    zone: str
    country: str


@dataclass(frozen=True, slots=True)
class ZonePoint:
    """The main place of a time zone in one country, in degrees."""

    zone: str
    country: str
    lon: float
    lat: float


@dataclass(frozen=True, slots=True)
class ZoneGuess:
    """The zone and the country (ISO 3166). `others` are zones around with other clocks, the nearest first.

    With `from_mapping` the mapping of the records names the zone. `exchanged` is the zone of the place with longitude
    and latitude exchanged, if a city is much likelier there.
    """

    zone: str
    country: str
    others: tuple[str, ...] = ()
    from_mapping: bool = False
    exchanged: str | None = None


def guess_zone(lon: float, lat: float, country: str | None = None) -> ZoneGuess:
    """Return the zone of the nearest place, of this country (ISO 3166, two letters) if one is given.

    Raises ValueError for an unknown country.
    """
    points = zone_points()
    if country is not None:
        own = [point for point in points if point.country == country.upper()]
        if not own:
            raise ValueError(f"{country!r} is not a country code of ISO 3166 with a time zone")
        return ZoneGuess(min(own, key=lambda point: _km(point, lon, lat)).zone, own[0].country)
    nearest = min(points, key=lambda point: _km(point, lon, lat))
    others, exchanged = _others(points, nearest, lon, lat), _exchanged(points, nearest, lon, lat)
    return ZoneGuess(nearest.zone, nearest.country, others, exchanged=exchanged)


def same_clocks(one: str, other: str) -> bool:
    """Return whether the clocks of two zones show the same time next winter and next summer."""
    return _clock(one) == _clock(other)


def emergency_number(country: str) -> str:
    """Return the telephone number for emergencies in a country (ISO 3166, two letters); a guess for most."""
    return next((number for number, countries in _EMERGENCY.items() if country in countries), OTHER_EMERGENCY)


@cache
def zone_points() -> Sequence[ZonePoint]:
    """Return the places of the pinned tzdata: the zones since 1970, and one zone at least of each country."""
    since_1970 = {row.zone for row in read_zone_table(_table(ZONES))}
    rows = read_zone_table(_table(COUNTRIES))
    countries = {row.country for row in rows if row.zone in since_1970}
    kept = (row for row in rows if row.zone in since_1970 or row.country not in countries)
    return tuple(ZonePoint(row.zone, row.country, *places()[row.zone]) for row in kept)


def _table(name: str) -> str:
    return resources.files("tzdata").joinpath("zoneinfo", name).read_text("utf-8")


def read_zone_table(table: str) -> list[ZoneRow]:
    """Return the rows of a table such as `zone.tab`."""
    lines = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return [ZoneRow(zone, country) for country, _, zone, *_ in lines]


def _km(point: ZonePoint, lon: float, lat: float) -> float:
    return distance_km((point.lon, point.lat), (lon, lat))


def _exchanged(points: Iterable[ZonePoint], nearest: ZonePoint, lon: float, lat: float) -> str | None:
    """Return the zone at the exchanged place, if this one is in Antarctica, or that one much nearer to its zone."""
    if abs(lon) > MAX_LATITUDE:
        return None
    there = min(points, key=lambda point: _km(point, lat, lon))
    far, near = _km(nearest, lon, lat), _km(there, lat, lon)
    is_far = far > FAR_KM and near < far / FAR_TIMES
    return there.zone if nearest.country == "AQ" or is_far else None


def _others(points: Iterable[ZonePoint], nearest: ZonePoint, lon: float, lat: float) -> tuple[str, ...]:
    """Return the zones within twice the distance (300 km at least) whose clocks show another time."""
    reach = max(NEAR_KM, NEAR_TIMES * _km(nearest, lon, lat))
    clocks = {_clock(nearest.zone)}
    others: list[str] = []
    for point in sorted(points, key=lambda point: _km(point, lon, lat)):
        if _km(point, lon, lat) > reach or len(others) == MAX_OTHERS:
            break
        if _clock(point.zone) not in clocks:
            clocks.add(_clock(point.zone))
            others.append(point.zone)
    return tuple(others)


@cache
def _clock(zone: str) -> tuple[object, ...]:
    """Return what tells the clocks of zones apart: the offsets in the winter and the summer to come."""
    year = datetime.now(UTC).year + 1
    return tuple(datetime(year, month, 15, tzinfo=UTC).astimezone(ZoneInfo(zone)).utcoffset() for month in (1, 7))
