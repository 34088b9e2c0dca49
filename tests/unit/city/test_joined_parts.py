"""Parts of one area: neighbours become one polygon, and islands stay apart."""

import pytest

from concord_city.adapters.joined_parts import joined_parts
from concord_city.domain.polygons import BadShape, Polygon
from concord_city.outline import outline_of


def square(west: float) -> Polygon:
    return [[(west, 42.30), (west + 0.02, 42.30), (west + 0.02, 42.32), (west, 42.32), (west, 42.30)]]


def test_neighbours_become_one_polygon() -> None:
    joined = joined_parts([square(-71.10), square(-71.08)])
    assert len(joined) == 1
    assert {lon for lon, _ in joined[0][0]} >= {-71.10, -71.06}
    assert outline_of(joined).repaired is None


def test_islands_stay_as_they_are() -> None:
    parts = [square(-71.10), square(-71.00)]
    assert joined_parts(parts) == parts


def test_parts_without_a_surface_are_refused() -> None:
    with pytest.raises(BadShape, match="does not enclose a surface"):
        joined_parts([[[(0.0, 0.0), (1.0, 0.0), (0.0, 0.0)]], [[(0.0, 0.0), (1.0, 0.0), (0.0, 0.0)]]])
