"""Areas from features: their codes and names, and parts of one area joined."""

from typing import Any

import pytest

from concord_city.adapters.boundary_file import Feature
from concord_city.domain.polygons import BadShape
from concord_cli.city.draft.areas import DraftArea, draft_areas, match_areas

SQUARE = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 0.0]]
FURTHER = [[2.0, 0.0], [3.0, 0.0], [3.0, 1.0], [2.0, 0.0]]


def feature(ring: list[list[float]] = SQUARE, /, **properties: Any) -> Feature:
    return Feature(1, properties, {"type": "Polygon", "coordinates": [ring]})


def test_ids_and_names() -> None:
    drafted = draft_areas([feature(nc_id="1", name="Elm  Hill"), feature(nc_id=2.0, name=" Oak\nPark ")])
    assert [(area.code, area.name) for area in drafted.areas] == [("1", "Elm Hill"), ("2", "Oak Park")]
    assert (drafted.id_property, drafted.name_property, drafted.joined) == ("nc_id", "name", ())


def test_parts_of_one_area_are_joined() -> None:
    drafted = draft_areas(
        [feature(code="A", name="Elm"), feature(code="B", name="Oak"), feature(FURTHER, code="A", name="Elm")]
    )
    assert drafted.joined == ("A",)
    assert [(area.code, len(area.polygons)) for area in drafted.areas] == [("A", 2), ("B", 1)]


def test_ids_that_are_no_codes_become_codes() -> None:
    drafted = draft_areas([feature(district="Mission / Bernal"), feature(district="Richmond")])
    assert [(area.code, area.name) for area in drafted.areas] == [
        ("Mission-Bernal", "Mission / Bernal"),
        ("Richmond", "Richmond"),
    ]
    assert drafted.recoded == {"Mission / Bernal": "Mission-Bernal"}


@pytest.mark.parametrize(
    ("key", "name"), [("precinct", "Precinct 7"), ("POLICE_BEAT", "Police Beat 7"), ("OBJECTID", "Area 7")]
)
def test_without_names_the_kind_of_area_and_its_id(key: str, name: str) -> None:
    assert draft_areas([feature(**{key: 7})]).areas[0].name == name


def test_an_area_without_a_name_among_named_ones() -> None:
    named = [feature(code=str(number), name=f"Elm {number}" if number else None) for number in range(10)]
    assert [area.name for area in draft_areas(named).areas][:2] == ["Area 0", "Elm 1"]


def test_without_any_id_areas_have_their_numbers() -> None:
    drafted = draft_areas([feature(), feature(note="x")])
    assert drafted.id_property is None
    assert [(area.code, area.name) for area in drafted.areas] == [("1", "Area 1"), ("2", "Area 2")]


def test_the_source_s_own_properties_stay() -> None:
    area = draft_areas([feature(area_id=1, area_name="Elm", ward=3, bad=float("nan"))]).areas[0]
    assert area == DraftArea("1", "Elm", {"ward": 3}, ([[(0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 0.0)]],))


def test_a_feature_without_a_surface_is_named() -> None:
    line = Feature(9, {"code": "B"}, {"type": "LineString", "coordinates": SQUARE})
    with pytest.raises(BadShape, match=r"line 9, area 'B': a 'LineString' geometry is not an area"):
        draft_areas([feature(code="A"), line])


def test_a_feature_without_a_geometry_is_named() -> None:
    with pytest.raises(BadShape, match=r"line 9, area 'B': it has no geometry"):
        draft_areas([feature(code="A"), Feature(9, {"code": "B"}, None)])


def test_one_area_far_away_does_not_move_the_city() -> None:
    far = [[lon + 142, lat] for lon, lat in SQUARE]
    lon, lat = draft_areas([feature(code="A"), feature(code="B"), feature(far, code="C")]).centre
    assert 0 < lon < 1
    assert 0 < lat < 1


def test_recorded_areas_are_known_by_id_or_name() -> None:
    areas = draft_areas([feature(code="C11", name="Dorchester"), feature(FURTHER, code="CBD", name="Downtown")]).areas
    recorded = ["C11", "C-11", "c 11", "DORCHESTER", "Downtown", "Stanley Park", ""]
    assert match_areas(recorded, areas) == {
        "C11": "C11",
        "C-11": "C11",
        "c 11": "C11",
        "DORCHESTER": "C11",
        "Downtown": "CBD",
    }


def test_recorded_numbers_match_without_leading_zeros() -> None:
    areas = draft_areas([feature(dist_num="1"), feature(FURTHER, dist_num="12")]).areas
    assert match_areas(["01", "012", "12", "1.0"], areas) == {"01": "1", "012": "12", "12": "12", "1.0": "1"}
