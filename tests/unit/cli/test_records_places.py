"""Places of a records file: degrees, metres, and both numbers in one cell."""

import pytest

from concord_cli.records.places import BadPlace, PlaceReader
from concord_cli.records.projection import projection_of

DEGREES = PlaceReader()
UTM10 = projection_of("EPSG:26910")
METRES = PlaceReader(UTM10)


@pytest.mark.parametrize(
    ("lon", "lat", "point"),
    [
        ("-71.09", "42.31", (-71.09, 42.31)),
        ("-71,09", "42,31", (-71.09, 42.31)),
        ("+7.1E1", ".5", (71.0, 0.5)),
        ("", "", None),
        ("0", "0.0", None),
    ],
)
def test_degrees(lon: str, lat: str, point: tuple[float, float] | None) -> None:
    assert DEGREES.read(lon, lat) == point


@pytest.mark.parametrize(
    ("text", "point"),
    [
        ("(42.31, -71.09)", (-71.09, 42.31)),
        ("42.31,-71.09", (-71.09, 42.31)),
        ("1 Example St\n(42.31, -71.09)", (-71.09, 42.31)),
        ("POINT (-71.09 42.31)", (-71.09, 42.31)),
        ("(0.0, 0.0)", None),
        ("", None),
    ],
)
def test_both_numbers_in_one_cell(text: str, point: tuple[float, float] | None) -> None:
    assert DEGREES.read_pair(text) == point


@pytest.mark.parametrize(
    ("lon", "lat", "faults"),
    [
        ("NULL", "", {"lon": "'NULL' is not within -180 to 180 degrees", "lat": "must not be empty"}),
        ("1,234,5", "42", {"lon": "'1,234,5' is not within -180 to 180 degrees"}),
        (
            "inf",
            "nan",
            {"lon": "'inf' is not within -180 to 180 degrees", "lat": "'nan' is not within -90 to 90 degrees"},
        ),
        ("1_0", "٣", {"lon": "'1_0' is not within -180 to 180 degrees", "lat": "'٣' is not within -90 to 90 degrees"}),
        ("42", "-91", {"lat": "'-91' is not within -90 to 90 degrees (are longitude and latitude exchanged?)"}),
    ],
)
def test_what_is_no_degree(lon: str, lat: str, faults: dict[str, str]) -> None:
    with pytest.raises(BadPlace) as wrong:
        DEGREES.read(lon, lat)
    assert wrong.value.faults == faults


@pytest.mark.parametrize("text", ["1 Example St", "(42.31, -271.09)", "(42.31)"])
def test_a_cell_that_is_no_place(text: str) -> None:
    with pytest.raises(BadPlace) as wrong:
        DEGREES.read_pair(text)
    assert list(wrong.value.faults) == ["point"]


def test_a_decimal_comma_that_is_named_allows_dots_between_thousands() -> None:
    reader = PlaceReader(UTM10, decimal=",")
    assert reader.read("494.146,7128", "5.450.708,371") == METRES.read("494146.7128", "5450708.371")
    assert reader.read("494146", "5.450.708") == METRES.read("494146", "5450708")


@pytest.mark.parametrize(
    ("east", "north", "said"),
    [
        ("x", "5450708", "not a number of metres"),
        ("494146", "", "must not be empty"),
        ("1", "2", "far outside UTM zone 10"),
    ],
)
def test_what_is_no_place_in_metres(east: str, north: str, said: str) -> None:
    with pytest.raises(BadPlace, match=said):
        METRES.read(east, north)


def test_metres_of_zero_are_no_place() -> None:
    assert METRES.read("0.0", "0") is None


@pytest.mark.parametrize(
    ("code", "east", "north", "lon", "lat"),
    [
        # Vancouver, from the data of its police in both forms (rounded to 6 decimals)
        ("EPSG:26910", 494146.7128, 5450708.371, -123.080363, 49.209140),
        ("EPSG:26910", 492626.622, 5458332.4619, -123.101373, 49.277704),
        # On the central meridian a northing is the scaled length of the meridian's arc: 4,984,944.378 m to 45°
        ("EPSG:32633", 500000.0, 4982950.4, 15.0, 45.0),
        # The same point south of the equator
        ("EPSG:32733", 500000.0, 5017049.6, 15.0, -45.0),
        ("EPSG:25832", 500000.0, 0.0, 9.0, 0.0),
        ("32601", 500000.0, 0.0, -177.0, 0.0),
    ],
)
def test_utm_against_known_points(code: str, east: float, north: float, lon: float, lat: float) -> None:
    projection = projection_of(code)
    assert projection
    found = projection.degrees(east, north)
    assert found == pytest.approx((lon, lat), abs=1e-6)


@pytest.mark.parametrize("code", ["EPSG:2263", "EPSG:32661", "EPSG:26900", "EPSG:26924", "UTM10", "EPSG:25839", ""])
def test_what_is_no_utm_zone(code: str) -> None:
    assert projection_of(code) is None
