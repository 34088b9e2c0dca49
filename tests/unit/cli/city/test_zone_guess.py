"""The time zone and the emergency number from where a city lies."""

import pytest

from concord_cli.city.draft.zone_guess import ZoneRow, emergency_number, guess_zone, read_zone_table

BOSTON, CHICAGO, LOS_ANGELES, SAN_FRANCISCO = (-71.06, 42.36), (-87.65, 41.85), (-118.24, 34.05), (-122.42, 37.77)
NEW_YORK, VANCOUVER, CAMBERLEY, AMSTERDAM, OSLO = (
    (-74.0, 40.7),
    (-123.1, 49.25),
    (-0.74, 51.33),
    (4.9, 52.37),
    (10.7, 59.9),
)
SYDNEY, NASHVILLE, CALGARY, VIGO, SUVA = (
    (151.2, -33.87),
    (-86.78, 36.16),
    (-114.07, 51.05),
    (-8.72, 42.24),
    (-179.9, -18.1),
)


@pytest.mark.parametrize(
    ("point", "zone", "country", "number"),
    [
        (BOSTON, "America/New_York", "US", "911"),
        (NEW_YORK, "America/New_York", "US", "911"),
        (CHICAGO, "America/Chicago", "US", "911"),
        (LOS_ANGELES, "America/Los_Angeles", "US", "911"),
        (SAN_FRANCISCO, "America/Los_Angeles", "US", "911"),
        (VANCOUVER, "America/Vancouver", "CA", "911"),
        (CAMBERLEY, "Europe/London", "GB", "999"),
        (AMSTERDAM, "Europe/Amsterdam", "NL", "112"),
        (OSLO, "Europe/Oslo", "NO", "112"),
        (SYDNEY, "Australia/Sydney", "AU", "000"),
        (SUVA, "Pacific/Fiji", "FJ", "112"),
    ],
)
def test_cities(point: tuple[float, float], zone: str, country: str, number: str) -> None:
    guess = guess_zone(*point)
    assert (guess.zone, guess.country) == (zone, country)
    assert emergency_number(guess.country) == number


def test_zones_with_other_clocks_nearby_are_named() -> None:
    assert "America/Los_Angeles" not in guess_zone(*CHICAGO).others
    assert guess_zone(*VIGO).others[0] == "Europe/Madrid"
    assert guess_zone(*NASHVILLE).others == ("America/Indiana/Tell_City",)
    assert guess_zone(*SYDNEY).others == ()


def test_a_zone_that_one_town_of_a_country_has_alone_is_passed_over() -> None:
    assert guess_zone(*CALGARY).zone == "America/Edmonton"  # nearer is America/Creston, a name for America/Phoenix


def test_a_named_country_has_the_last_word() -> None:
    assert guess_zone(*VIGO, country="ES").zone == "Europe/Madrid"
    assert guess_zone(*BOSTON, country="us").zone == "America/New_York"


def test_a_place_with_exchanged_coordinates() -> None:
    assert guess_zone(42.36, -71.06).exchanged == "America/New_York"  # in Antarctica
    assert guess_zone(51.33, -0.74).exchanged == "Europe/London"  # in the ocean before Somalia


@pytest.mark.parametrize("point", [BOSTON, SAN_FRANCISCO, CAMBERLEY, SYDNEY, VIGO, SUVA, (72.88, 19.07), (-60.0, -3.1)])
def test_cities_are_where_they_are(point: tuple[float, float]) -> None:
    assert guess_zone(*point).exchanged is None


def test_an_unknown_country_is_refused() -> None:
    with pytest.raises(ValueError, match="'XX' is not a country code of ISO 3166"):
        guess_zone(*BOSTON, country="XX")


def test_the_table_has_a_zone_and_its_countries() -> None:
    table = "# text\nUS\t+404251-0740023\tAmerica/New_York\tEastern (most areas)\nBE,LU\t+5050+00420\tEurope/Brussels\n"
    assert read_zone_table(table) == [ZoneRow("America/New_York", "US"), ZoneRow("Europe/Brussels", "BE,LU")]
