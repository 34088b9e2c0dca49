"""A time zone fits the place of the areas, and clocks that never change are right where they never change."""

from datetime import UTC, date, datetime
from zoneinfo import available_timezones

import pytest

from concord_city import Finding
from concord_city.adapters.toml_reader import Source
from concord_city.adapters.zone_checks import check_zone
from concord_city.adapters.zone_places import nearest_zone, place_of, places
from concord_city.domain.clocks import clocks_of, ever_change

TODAY = date(2026, 12, 1)
BOSTON, PHOENIX = (-71.08, 42.31), (-112.07, 33.45)


def found(zone: str, lon: float, lat: float) -> list[Finding]:
    facts, areas = Source("city.toml"), Source("areas.geojson")
    check_zone(zone, (lon, lat), facts, areas, TODAY)
    return [*facts.findings, *areas.findings]


@pytest.mark.parametrize("zone", ["EST", "UTC", "Etc/GMT+5", "GMT", "Zulu", "America/Panama", "America/Phoenix"])
def test_a_zone_that_never_changes_its_clocks_is_named_with_the_nearest(zone: str) -> None:
    (warning,) = found(zone, *BOSTON)
    assert (warning.level, warning.file) == ("warning", "city.toml")
    assert f"{zone!r} never changes its clocks" in warning.message
    assert "did you mean 'America/New_York'" in warning.remedy


def test_utc_is_named_also_where_the_clocks_never_change() -> None:
    (warning,) = found("UTC", *PHOENIX)
    assert "show another time" in warning.message
    assert "'America/Phoenix'" in warning.remedy


def test_a_zone_with_clocks_of_elsewhere_is_named() -> None:
    (warning,) = found("EST5EDT", 2.3, 48.9)
    assert "has other clocks than the zones around the areas" in warning.message
    assert "'Europe/Paris'" in warning.remedy


@pytest.mark.parametrize(
    ("zone", "lon", "lat", "near"),
    [
        ("America/New_York", -118.2, 34.1, "America/Los_Angeles"),
        ("America/Los_Angeles", *BOSTON, "America/New_York"),
        ("US/Pacific", *BOSTON, "America/New_York"),
        ("Europe/Moscow", 131.9, 43.1, "Asia/Vladivostok"),
        ("Australia/Sydney", 115.9, -31.9, "Australia/Perth"),
    ],
)
def test_a_zone_on_the_other_side_of_the_country_is_named(zone: str, lon: float, lat: float, near: str) -> None:
    (warning,) = found(zone, lon, lat)
    assert near in warning.remedy


@pytest.mark.parametrize(
    ("zone", "lon", "lat"),
    [
        ("America/New_York", *BOSTON),
        ("US/Eastern", *BOSTON),
        ("EST5EDT", *BOSTON),
        ("America/Phoenix", *PHOENIX),
        ("MST", *PHOENIX),
        ("Asia/Tokyo", 139.7, 35.7),
        ("Japan", 141.35, 43.06),
        ("Asia/Kolkata", 72.9, 19.1),
        ("Asia/Calcutta", 77.6, 13.0),
        ("UTC", -0.2, 5.55),  # Accra
        ("Atlantic/Reykjavik", -21.9, 64.1),
        ("Iceland", -21.9, 64.1),  # a link to Africa/Abidjan, 6,000 km away, with the same clocks
        ("Asia/Shanghai", 76.0, 39.5),  # Kashgar
        ("Asia/Dubai", 55.45, -20.9),  # Reunion: zone1970.tab has Dubai for it
        ("Asia/Riyadh", 36.6, 28.4),  # Tabuk
        ("Europe/Moscow", 28.3, 57.8),  # Pskov: Tallinn and Riga are nearer, and change their clocks
        ("Asia/Shanghai", 81.3, 43.9),  # Ili, nearer to Asia/Urumqi: China has one time
        ("Europe/Moscow", 47.5, 43.0),  # Makhachkala, nearer to Europe/Astrakhan
        ("Europe/Istanbul", 26.6, 41.7),  # Edirne
        ("America/Argentina/Buenos_Aires", -68.8, -32.9),  # Mendoza
        ("America/Vancouver", -123.1, 49.25),
        ("Pacific/Auckland", 172.6, -43.5),
        ("Pacific/Fiji", 179.97, -16.8),
        ("Europe/Madrid", 2.17, 41.38),
        ("America/Chicago", -87.2, 30.4),  # Pensacola
        ("Australia/Brisbane", 142.2, -10.6),  # Thursday Island
        ("CET", 21.0, 52.2),
    ],
)
def test_the_right_zone_is_not_named(zone: str, lon: float, lat: float) -> None:
    assert found(zone, lon, lat) == []


def test_swapped_coordinates_are_named_with_the_distance() -> None:
    (warning,) = found("America/New_York", 42.31, -71.08)
    assert warning.file == "areas.geojson"
    assert warning.message == (
        "the areas lie 15,184 km from the place of the time zone America/New_York; longitude and latitude look swapped"
    )


def test_a_zone_of_another_continent_is_named_with_the_nearest() -> None:
    (warning,) = found("Europe/Berlin", *BOSTON)
    assert "6,0" in warning.message
    assert "swapped" not in warning.message
    assert "'America/New_York'" in warning.remedy


def test_every_zone_fits_its_own_place() -> None:
    assert [zone for zone, (lon, lat) in places().items() if found(zone, lon, lat)] == []


@pytest.mark.parametrize(
    ("zone", "place"),
    [
        ("America/New_York", (-74.0064, 40.7142)),
        ("Europe/Oslo", (10.75, 59.9167)),
        ("US/Eastern", (-74.0064, 40.7142)),
        ("Australia/Sydney", (151.2167, -33.8667)),
    ],
)
def test_the_place_of_a_zone(zone: str, place: tuple[float, float]) -> None:
    assert place_of(zone) == pytest.approx(place, abs=1e-4)


def test_every_zone_of_the_world_has_a_place_or_is_no_place() -> None:
    without = {zone for zone in available_timezones() if place_of(zone) is None}
    assert {zone for zone in without if "/" in zone and not zone.startswith("Etc/")} == set()
    assert {"UTC", "EST", "HST", "MST", "Factory"} <= without


def test_the_nearest_zone() -> None:
    zone, away = nearest_zone(BOSTON)
    assert (zone, round(away)) == ("America/New_York", 301)


def test_clocks_of_two_years() -> None:
    assert ever_change(clocks_of("America/New_York", TODAY))
    assert not ever_change(clocks_of("Asia/Tokyo", TODAY))
    assert clocks_of("US/Eastern", TODAY) == clocks_of("America/New_York", TODAY)
    assert clocks_of("UTC", datetime.now(UTC).date())[0].total_seconds() == 0
