"""Recorded areas whose names are not those of the boundary file: their records show which area they are."""

from concord_city.adapters.boundary_file import Feature
from concord_cli.city.draft.areas import draft_areas
from concord_cli.city.draft.shared_points import PointRecord
from concord_cli.city.recorded_areas import areas_by_place, locate, match_by_place, outside_warning, texts_of


def test_the_area_around_nearly_all_of_its_records() -> None:
    found = [*[("Centre", "CBD")] * 19, ("Centre", "WE"), *[("Park", "WE")] * 5, *[("Park", None)] * 15]
    assert match_by_place(found, taken=()) == {"Centre": "CBD"}


def test_an_area_that_has_its_name_already_gets_no_second_one() -> None:
    assert match_by_place([("Reserve", "DUNB")] * 20, taken=["DUNB"]) == {}


def test_of_two_texts_in_one_area_the_more_frequent_counts() -> None:
    found = [*[("Centre", "CBD")] * 20, *[("Middle", "CBD")] * 30]
    assert match_by_place(found, taken=()) == {"Middle": "CBD"}


def test_a_few_records_show_nothing() -> None:
    assert match_by_place([("Centre", "CBD")] * 9, taken=()) == {}


def test_the_records_lie_in_the_areas_of_the_boundary_file() -> None:
    ring = [[-71.1, 42.3], [-71.0, 42.3], [-71.0, 42.4], [-71.1, 42.4], [-71.1, 42.3]]
    east = [[lon + 0.1, lat] for lon, lat in ring]
    areas = draft_areas(
        [
            Feature(1, {"code": "W", "name": "West"}, {"type": "Polygon", "coordinates": [ring]}),
            Feature(2, {"code": "E", "name": "East"}, {"type": "Polygon", "coordinates": [east]}),
        ]
    ).areas
    points = [
        *[PointRecord((-71.05, 42.35), "Sunset")] * 12,
        PointRecord((-70.95, 42.35), "East"),
        PointRecord(None, "x"),
    ]
    assert texts_of(points) == ["Sunset", "East", "x"]
    assert areas_by_place(points, locate(points, areas), {"East": "E"}) == {"Sunset": "W"}


def test_records_outside_the_areas_are_told() -> None:
    points = [*[PointRecord((42.3, -71.0), None)] * 12, PointRecord(None, None)]
    told = outside_warning(points, [None] * 13)
    assert told is not None
    assert told.startswith("0 of 12 records with a place lie in an area. Check that both files are of one city")
    assert outside_warning(points, [*["A"] * 6, *[None] * 7]) is None
    assert outside_warning(points[:9], [None] * 9) is None
