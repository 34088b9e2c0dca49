"""The areas as residents choose them, judged without the geometry library as routing judges them with it."""

import random
from pathlib import Path

import pytest
from shapely import Point, Polygon

from concord_city import Locator, load
from concord_city.adapters.area_choices import AreaChoices, load_area_choices
from concord_city.domain.point_in_polygon import contains

BOSTON = Path(__file__).parents[3] / "deploy" / "sample" / "boston" / "city"
SHELL = [(0.0, 0.0), (4.0, 0.0), (4.0, 4.0), (2.0, 1.5), (0.0, 4.0), (0.0, 0.0)]
HOLE = [(0.5, 0.5), (1.0, 0.5), (1.0, 1.0), (0.5, 1.0), (0.5, 0.5)]


def test_a_point_in_a_polygon_is_where_the_geometry_library_sees_it() -> None:
    polygon, chance = Polygon(SHELL, [HOLE]), random.Random(7)
    points = [(chance.uniform(-1, 5), chance.uniform(-1, 5)) for _ in range(500)]
    found = [contains([(SHELL, HOLE)], point) for point in points]
    assert found == [polygon.contains(Point(point)) for point in points]
    assert 100 < sum(found) < 400


def test_a_point_has_the_area_that_routing_gives_it() -> None:
    city, choices, chance = load(BOSTON), load_area_choices(BOSTON), random.Random(11)
    points = [(chance.uniform(-71.18, -71.0), chance.uniform(42.24, 42.39)) for _ in range(300)]
    pairs = [
        (area.code if (area := choices.area_at(point)) else None, located.area)
        for point, located in zip(points, Locator(city).locate_all(points), strict=True)
        if not located.border
    ]
    assert len(pairs) > 200
    assert [ours for ours, _ in pairs] == [routing for _, routing in pairs]


def test_areas_come_by_name_with_their_code() -> None:
    choices = load_area_choices(BOSTON)
    names = [area.name for area in choices.by_code.values()]
    assert names == sorted(names, key=str.casefold)
    assert choices.by_code["D4"].label == "South End (D4)"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"features": [{}, {"properties": {"area_id": "A"}}]}'])
def test_a_file_that_cannot_be_read_gives_no_areas(text: str, tmp_path: Path) -> None:
    (tmp_path / "areas.geojson").write_text(text, "utf-8")
    assert load_area_choices(tmp_path) == AreaChoices()
    assert AreaChoices().distance_km((0.0, 0.0)) == 0
