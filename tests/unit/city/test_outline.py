"""One outline from polygons: a repair neither adds nor loses ground, or the text says how much it would."""

import math
from collections.abc import Sequence
from itertools import pairwise

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from concord_city.domain.polygons import BadShape, Polygon
from concord_city.outline import Outline, join_outlines, outline_of

STEP = 0.001
Corners = Sequence[tuple[float, float]]


def polygon(*rings: Corners) -> Polygon:
    """A polygon near Boston, with corners in thousandths of a degree."""
    return [[(-71 + x * STEP, 42 + y * STEP) for x, y in ring] for ring in rings]


def box(x: float, y: float, size: float) -> Corners:
    return [(x, y), (x + size, y), (x + size, y + size), (x, y + size), (x, y)]


def ground(outline: Outline) -> float:
    """The ground in squares of a thousandth of a degree."""
    shape = shapely.from_wkb(outline.wkb)
    assert shape.is_valid
    return round(float(shape.area) / STEP**2, 6)


TEN = box(0, 0, 10)
BOW_TIE = [(0, 0), (2, 2), (2, 0), (0, 2), (0, 0)]
SPIKE = [(0, 0), (10, 0), (10, 10), (5, 10), (5, 20), (5, 10), (0, 10), (0, 0)]
HOLE_IN_ONE_LINE = [(0, 0), (10, 0), (10, 10), (0, 10), (0, 0), (2, 4), (4, 4), (4, 2), (0, 0)]


@pytest.mark.parametrize(
    ("drawn", "squares", "repaired"),
    [
        ([polygon(TEN)], 100, None),
        ([polygon(TEN[:-1])], 100, None),
        ([polygon(TEN, box(2, 2, 2))], 96, None),
        ([polygon(TEN), polygon(box(20, 0, 10))], 200, None),
        ([polygon(TEN, [(1, 1), (2, 2)])], 100, None),
        ([polygon(BOW_TIE)], 2, "Self-intersection"),
        ([polygon(SPIKE)], 100, "Self-intersection"),
        ([polygon(HOLE_IN_ONE_LINE)], 92, "Ring Self-intersection"),
        ([polygon(TEN, box(2, 2, 2), box(2, 2, 2))], 96, "Self-intersection"),
        ([polygon(TEN, box(2, 2, 2), box(3, 3, 2))], 93, "Self-intersection"),
        ([polygon(TEN), polygon(box(10, 0, 10))], 200, "Self-intersection"),
        ([polygon(TEN), polygon([(0, 0), (1, 1)])], 100, "Too few points"),
    ],
)
def test_the_ground_that_every_reading_gives(drawn: list[Polygon], squares: float, repaired: str | None) -> None:
    outline = outline_of(drawn)
    assert ground(outline) == squares
    assert outline.overlap is None
    assert outline.repaired is None if repaired is None else str(outline.repaired).startswith(repaired)


@pytest.mark.parametrize(
    ("part", "squares", "overlap_m2"), [(box(2, 2, 5), 100, 230_047), (box(8, 2, 5), 115, 92_019), (TEN, 100, 920_164)]
)
def test_parts_that_overlap_are_one_area_and_the_overlap_is_measured(
    part: Corners, squares: float, overlap_m2: float
) -> None:
    outline = outline_of([polygon(TEN), polygon(part)])
    assert ground(outline) == squares
    assert outline.overlap is not None
    assert outline.overlap.square_metres == pytest.approx(overlap_m2, rel=1e-3)


TWICE_ROUND = [*TEN, (5, 0), (5, 5), (0, 5), (0, 0)]


@pytest.mark.parametrize(
    ("drawn", "problem"),
    [
        (polygon(TEN, box(8, 4, 4)), "a hole leaves its outer ring: to keep it would add 73,6"),
        (polygon(TEN, box(18, 4, 4)), "a hole leaves its outer ring: to keep it would add 147,2"),
        (polygon(TWICE_ROUND), "its border goes round twice: to cut that out would lose 230,0"),
    ],
)
def test_a_drawing_with_two_readings_is_no_area_and_the_ground_is_said(drawn: Polygon, problem: str) -> None:
    with pytest.raises(BadShape) as raised:
        outline_of([drawn])
    assert str(raised.value).startswith(problem)
    assert "square metres near -70.9" in str(raised.value)
    assert raised.value.remedy


def test_readings_that_differ_by_less_than_100_square_metres_are_repaired() -> None:
    hair = 1e-4
    outline = outline_of([polygon(TEN, [(9, 4), (10 + hair, 4), (10 + hair, 6), (9, 6), (9, 4)])])
    assert ground(outline) == 98


@pytest.mark.parametrize(
    "drawn", [polygon([(0, 0), (1, 1), (2, 2)]), polygon([(0, 0), (1, 1)]), polygon(TEN, TEN), polygon(box(0, 0, 1e-4))]
)
def test_less_than_a_square_metre_is_no_area(drawn: Polygon) -> None:
    with pytest.raises(BadShape, match="does not enclose a surface"):
        outline_of([drawn])


def test_features_of_one_area_are_joined() -> None:
    halves = [outline_of([polygon(box(x, 0, 10))]).wkb for x in (0, 10)]
    joined = join_outlines(halves)
    assert (ground(joined), joined.overlap) == (200, None)
    assert join_outlines([halves[0], outline_of([polygon(box(5, 0, 10))]).wkb]).overlap is not None


@st.composite
def drawings(draw: st.DrawFn) -> list[Polygon]:
    corner = st.tuples(st.integers(0, 6), st.integers(0, 6))
    ring = st.lists(corner, min_size=1, max_size=7)
    return [polygon(*rings) for rings in draw(st.lists(st.lists(ring, min_size=1, max_size=3), min_size=1, max_size=3))]


@given(drawings())
def test_any_drawing_is_an_area_with_the_ground_of_a_point_test_or_named(drawn: list[Polygon]) -> None:
    """A point inside an odd number of turns of a shell and in none of its holes belongs to the area."""
    try:
        shape = shapely.from_wkb(outline_of(drawn).wkb)
    except BadShape:
        return
    assert shape.is_valid
    for x, y in ((x + 0.37, y + 0.41) for x in range(6) for y in range(6)):
        point = (-71 + x * STEP, 42 + y * STEP)
        if shapely.distance(shapely.boundary(shape), shapely.Point(point)) > STEP / 50:
            inside = any(
                winds(part[0], point) % 2 and not any(winds(hole, point) for hole in part[1:]) for part in drawn
            )
            assert shapely.contains_xy(shape, *point) == inside


def winds(ring: Sequence[tuple[float, float]], point: tuple[float, float]) -> int:
    """How often the ring goes round the point, from the sum of the angles."""
    if len(ring) < 3:
        return 0
    directions = [math.atan2(y - point[1], x - point[0]) for x, y in [*ring, ring[0]]]
    steps = [after - before for before, after in pairwise(directions)]
    return round(sum(math.remainder(step, 2 * math.pi) for step in steps) / (2 * math.pi))
