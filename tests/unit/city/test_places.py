"""Distances, groups of points, and slips of the pen in coordinates."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord_city.domain.places import Box, Point, box_of, distance_km, largest_group, middle, slip_of

NEW_YORK, BOSTON, LONDON = (-74.0, 40.71), (-71.06, 42.36), (-0.13, 51.51)
POINTS = st.tuples(st.floats(-180, 180), st.floats(-90, 90))


@pytest.mark.parametrize(
    ("one", "other", "km"),
    [
        (NEW_YORK, LONDON, 5570),
        ((0.0, 0.0), (180.0, 0.0), 20015),
        ((0.0, 90.0), (77.0, 90.0), 0),
        ((179.9, 0.0), (-179.9, 0.0), 22),
    ],
)
def test_distance(one: Point, other: Point, km: float) -> None:
    assert distance_km(one, other) == pytest.approx(km, abs=15)


def test_a_box_has_a_middle_a_width_and_distances() -> None:
    box = box_of([[(-71.1, 42.3), (-71.0, 42.3), (-71.0, 42.4), (-71.1, 42.3)], [(0.0, 0.0)]])
    assert box == Box(-71.1, 42.3, -71.0, 42.4)
    assert box.centre == pytest.approx((-71.05, 42.35))
    assert box.across_km == pytest.approx(13.8, abs=0.1)
    assert box.distance_km((-71.05, 42.31)) == 0
    assert box.distance_km((-71.05, 42.5)) == pytest.approx(11.1, abs=0.1)
    assert Box(-170, 0, 170, 0).across_km > 30_000


def test_the_middle_of_points_on_both_sides_of_the_antimeridian() -> None:
    lon, lat = middle([(179.0, -16.0), (-179.0, -16.0)])
    assert [abs(lon), lat] == pytest.approx([180, -16], abs=0.1)


def test_the_largest_group_wins_and_the_first_of_two_equal_ones() -> None:
    chain = [(float(lon), 0.0) for lon in range(0, 20, 4)]
    assert largest_group([LONDON, *chain, NEW_YORK], 500) == {1, 2, 3, 4, 5}
    assert largest_group([LONDON, NEW_YORK], 500) == {0}
    assert largest_group([], 500) == set()


@given(st.lists(POINTS, max_size=12), st.floats(1, 20_000))
def test_no_point_of_a_group_is_one_step_from_a_point_outside(points: list[Point], step: float) -> None:
    group = largest_group(points, step)
    outside = set(range(len(points))) - group
    assert all(distance_km(points[one], points[other]) > step for one in group for other in outside)
    assert len(group) >= min(1, len(points))


@pytest.mark.parametrize(
    ("point", "home", "words"),
    [
        ((42.36, -71.06), NEW_YORK, "longitude and latitude look swapped"),
        ((71.06, 42.36), NEW_YORK, "the longitude looks to have the wrong sign"),
        ((151.2, 33.9), (151.2, -33.9), "the latitude looks to have the wrong sign"),
        ((74.0, -40.7), NEW_YORK, "both signs look wrong"),
        ((42.36, 71.06), NEW_YORK, "they look swapped, with a wrong sign"),
        ((39.9, 32.9), (29.0, 41.0), "longitude and latitude look swapped"),
    ],
)
def test_a_slip_is_found(point: Point, home: Point, words: str) -> None:
    assert slip_of(point, home, 1500) == words


@pytest.mark.parametrize(
    ("city", "home"),
    [
        (BOSTON, NEW_YORK),
        ((2.17, 41.38), (-3.68, 40.4)),  # Barcelona: nearer to Madrid with the wrong sign
        ((-4.5, 48.4), (2.33, 48.87)),  # Brest and Paris
        ((43.7, 37.6), (29.0, 41.0)),  # Hakkari and Istanbul
        ((13.2, -8.8), (3.4, 6.45)),  # Luanda and Lagos, for both sides of the equator
        ((-2.1, 57.1), LONDON),
        ((13.4, 52.5), NEW_YORK),  # far, but no slip brings it nearer
        ((95.0, 5.0), (106.8, -6.2)),  # Aceh and Jakarta
    ],
)
def test_a_city_at_its_place_has_none(city: Point, home: Point) -> None:
    assert slip_of(city, home, 1500) is None


@given(POINTS, POINTS)
def test_any_two_points_have_a_slip_or_none(point: Point, home: Point) -> None:
    words = slip_of(point, home, 1500)
    assert words is None or distance_km(point, home) > 500
