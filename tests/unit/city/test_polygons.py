"""Coordinates of GeoJSON become polygons as values, or the text says what is wrong with them."""

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord_city.domain.polygons import BadShape, polygons

RING = [[-71.0, 42.0], [-70.9, 42.0], [-70.9, 42.1], [-71.0, 42.0]]
HOLE = [[-70.95, 42.01], [-70.94, 42.01], [-70.94, 42.02], [-70.95, 42.01]]


def values(ring: list[list[float]]) -> list[tuple[float, float]]:
    return [(lon, lat) for lon, lat in ring]


def polygon(*rings: Any) -> dict[str, Any]:
    return {"type": "Polygon", "coordinates": list(rings)}


def multi(*parts: Any) -> dict[str, Any]:
    return {"type": "MultiPolygon", "coordinates": list(parts)}


def test_shells_and_holes_are_kept_in_order() -> None:
    assert polygons(polygon(RING, HOLE)) == [[values(RING), values(HOLE)]]
    assert polygons(multi([RING], [HOLE])) == [[values(RING)], [values(HOLE)]]


def test_only_the_first_two_numbers_of_a_position_count() -> None:
    mixed = [[-71, 42, 1.5], [-70.9, 42.0], [-70.9, 42.1, 3, "measure"], [-71.0, 42.0, None]]
    assert polygons(polygon(mixed)) == [[values(RING)]]


def test_empty_parts_and_holes_do_not_count() -> None:
    assert polygons(multi([RING], [])) == [[values(RING)]]
    assert polygons(multi([], [[]], [RING, []])) == [[values(RING)]]


def test_a_collection_of_polygons_is_read_and_one_with_lines_is_not() -> None:
    members = [polygon(RING), multi([HOLE])]
    both = {"type": "GeometryCollection", "geometries": members}
    assert polygons(both) == [[values(RING)], [values(HOLE)]]
    members.append({"type": "LineString", "coordinates": RING})
    with pytest.raises(BadShape, match="with more than polygons"):
        polygons(both)


@pytest.mark.parametrize(
    ("geometry", "problem"),
    [
        ({"type": "Point", "coordinates": [1, 2]}, "a 'Point' geometry is not an area"),
        ({"type": [], "coordinates": [1, 2]}, "a None geometry is not an area"),
        (polygon(), "is empty"),
        (multi([], [[]]), "is empty"),
        ({"type": "Polygon"}, "not a list of rings"),
        ({"type": "Polygon", "coordinates": [RING, 5]}, "ring 2: not a list"),
        (multi([RING], 5), "the value of part 2: not a list"),
        (polygon([[0, 0], [1, None], [1, 1]]), "position 2 in ring 1 is not"),
        (polygon([[0, 0], ["1", "2"], [1, 1]]), "position 2 in ring 1 is not"),
        (multi([RING], [RING, [[0, 0], [True, 1]]]), "position 2 in ring 2 of part 2 is not"),
        (polygon([[0, 0], [float("nan"), 1], [1, 1]]), "position 2 in ring 1 is not"),
        (polygon([[0, 0], [10**400, 1], [1, 1]]), "position 2 in ring 1 is not"),
        ({"type": "Polygon", "coordinates": [[RING]]}, "'Polygon', but its coordinates are those of a 'MultiPolygon'"),
        ({"type": "MultiPolygon", "coordinates": [RING]}, "coordinates are those of a 'Polygon'"),
        (polygon([[330000, 4690000], [331000, 4690000], [331000, 4691000]]), "look like metres"),
        (polygon([[-33.9, 151.2], [-33.8, 151.2], [-33.8, 151.3]]), "151.3 is beyond 90; longitude and latitude look"),
        (polygon([[120.0, 95.0], [121, 94], [121, 95]]), "the latitude 95 is beyond 90"),
        (polygon([[288.9, 42.0], [289, 42], [289, 42.1]]), "longitudes count from 0 to 360"),
        (polygon([[179.9, -16.8], [180.1, -16.8], [180.1, -16.7]]), "180.1 is beyond 180: the area crosses"),
        (polygon([[179.9, -16.8], [-179.9, -16.8], [-179.9, -16.7]]), "jumps from longitude 179.9 to -179.9"),
    ],
)
def test_what_is_wrong_is_said_in_words(geometry: Any, problem: str) -> None:
    with pytest.raises(BadShape) as raised:
        polygons(geometry)
    assert problem in str(raised.value)


def test_an_area_cut_at_the_antimeridian_is_read() -> None:
    assert (
        len(polygons(multi([[[179.9, -17], [180, -17], [180, -16]]], [[[-180, -17], [-179.9, -17], [-180, -16]]]))) == 2
    )


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=2),
    lambda inner: st.lists(inner, max_size=4),
    max_leaves=30,
)
KINDS = st.sampled_from(["Polygon", "MultiPolygon", "GeometryCollection", "Point", None, 5])


@given(KINDS, VALUES)
def test_any_coordinates_are_polygons_or_named(kind: Any, coordinates: Any) -> None:
    """Fails with any other error than BadShape."""
    with suppress(BadShape):
        assert polygons({"type": kind, "coordinates": coordinates, "geometries": coordinates})
