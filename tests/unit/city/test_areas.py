"""areas.geojson as cities export it: read, joined and repaired, or named in words with all faults in one run."""

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st

from concord_city import Finding, Locator, check, load

from .twoside import edit, feature, geojson, square, write_city

WEST, EAST = feature("west", square(-71.02, 42.0)), feature("east", square(-71.0, 42.0))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_city(tmp_path)


def write(folder: Path, *features: Any) -> list[Finding]:
    (folder / "areas.geojson").write_text(geojson(*features))
    return check(folder)


def named(feature: dict[str, Any], **properties: Any) -> dict[str, Any]:
    return feature | {"properties": feature["properties"] | properties}


def drawn(feature: dict[str, Any], kind: str, coordinates: Any) -> dict[str, Any]:
    return feature | {"geometry": {"type": kind, "coordinates": coordinates}}


def rings(west: float, south: float, size: float) -> list[list[list[float]]]:
    coordinates: list[list[list[float]]] = json.loads(shapely.to_geojson(square(west, south, size)))["coordinates"]
    return coordinates


def test_a_part_within_another_one_belongs_to_the_area(folder: Path) -> None:
    (found,) = write(
        folder, drawn(WEST, "MultiPolygon", [rings(-71.02, 42.0, 0.02), rings(-71.015, 42.005, 0.01)]), EAST
    )
    assert (found.level, found.line) == ("warning", 2)
    assert "parts of the area 'west' overlap by 920,1" in found.message
    assert "Concord takes their union" in found.message
    assert "ring" in found.remedy
    assert Locator(load(folder)).locate_all([(-71.012, 42.012)])[0].area == "west"


def test_a_hole_that_leaves_its_shell_is_one_error_with_the_ground(folder: Path) -> None:
    (found,) = write(folder, WEST, drawn(EAST, "Polygon", [*rings(-71.0, 42.0, 0.02), *rings(-70.985, 42.005, 0.01)]))
    assert (found.level, found.line) == ("error", 3)
    assert "a hole leaves its outer ring: to keep it would add 460,0" in found.message


def test_positions_with_and_without_height_and_empty_parts_are_read(folder: Path) -> None:
    plain = rings(-71.02, 42.0, 0.02)
    high = [[[*plain[0][0], 12.5], *plain[0][1:-1], [*plain[0][-1], 12.5]]]
    assert write(folder, drawn(WEST, "MultiPolygon", [high, []]), EAST) == []


@pytest.mark.parametrize("ids", [(1, 2), (1.0, 2.0), ("1", "2")])
def test_whole_numbers_are_read_as_texts(folder: Path, ids: tuple[Any, Any]) -> None:
    edit(folder, "rules.toml", '["west"]', '["1"]')
    edit(folder, "rules.toml", "team-{area}", "team-west")
    assert write(folder, named(WEST, area_id=ids[0]), named(EAST, area_id=ids[1], area_name=7)) == []
    assert {code: area.name for code, area in load(folder).areas.items()} == {"1": "West", "2": "7"}


def test_features_of_one_area_are_joined_and_said(folder: Path) -> None:
    south = drawn(WEST, "Polygon", rings(-71.02, 41.98, 0.02))
    (found,) = write(folder, WEST, EAST, south)
    assert (found.level, found.line) == ("note", 2)
    assert found.message == "the area 'west' has 2 features (1, 3); Concord joins them"
    city = load(folder)
    assert list(city.areas) == ["west", "east"]
    assert [each.area for each in Locator(city).locate_all([(-71.015, 42.015), (-71.015, 41.985)])] == ["west", "west"]
    assert not Locator(city).locate_all([(-71.01, 42.0)])[0].border


def test_features_of_one_area_that_overlap_are_said(folder: Path) -> None:
    notes = write(folder, WEST, EAST, drawn(WEST, "Polygon", rings(-71.02, 41.99, 0.02)))
    assert [each.level for each in notes] == ["note", "warning"]
    assert "parts of the area 'west' overlap by" in notes[1].message


def test_one_id_with_two_names_is_an_error(folder: Path) -> None:
    (found,) = write(folder, WEST, EAST, named(drawn(EAST, "Polygon", rings(-70.98, 42.0, 0.02)), area_name="South"))
    assert (found.level, found.line) == ("error", 4)
    assert "the area 'east' has two names, 'East' and 'South'" in found.message


def test_properties_of_other_names_are_one_finding(folder: Path) -> None:
    own = {"nc_id": "1", "name": "North", "bell\u0007": None}
    found = write(folder, *(feature | {"properties": own} for feature in [WEST, EAST] * 99))
    assert [(each.level, each.line) for each in found] == [("error", 2)]
    assert found[0].message == "no feature has area_id or area_name (found: nc_id, name, 'bell\\x07')"
    assert "concord city init" in found[0].remedy


def test_no_message_repeats_a_long_value(folder: Path) -> None:
    long = "x" * 5000
    found = write(folder, named(WEST, area_id=long), drawn(EAST, long, []), EAST | {"properties": {long: 1}})
    assert len(found) >= 3
    assert all(len(str(each)) < 400 for each in found)


def test_features_without_properties_are_one_finding(folder: Path) -> None:
    (found,) = write(folder, WEST | {"properties": None}, EAST | {"properties": {}})
    assert found.message == "no feature has area_id or area_name (found: no properties at all)"


def test_an_id_that_some_features_lack_is_counted_and_said_with_its_features(folder: Path) -> None:
    nameless = [named(EAST, area_id=None)] * 30
    found = write(folder, WEST, *nameless)
    assert len(found) == 10
    assert found[0].message == "the property 'area_id' is missing in feature 2"
    assert found[-1].message.endswith("(and 20 more of this kind, in lines 13 to 32)")


def test_all_faults_are_told_in_one_run(folder: Path) -> None:
    edit(folder, "rules.toml", '["west"]', '["wset"]')
    edit(folder, "city.toml", "America/New_York", "EST")
    edit(folder, "categories.toml", "sensitive = false", 'sensitive = "no"')
    far = feature("far", square(71.0, 42.0))
    found = write(
        folder, WEST, drawn(EAST, "Point", [1, 2]), named(far, area_id="f a r"), feature("north", square(71, 42.02))
    )
    assert [(each.file, each.level) for each in found] == [
        ("city.toml", "warning"),
        ("areas.geojson", "error"),
        ("areas.geojson", "error"),
        ("areas.geojson", "warning"),
        ("categories.toml", "error"),
        ("rules.toml", "error"),
    ]
    assert "never changes its clocks" in found[0].message
    assert "9,923 km" in found[3].message


def test_an_invalid_shape_does_not_hide_what_is_wrong_with_the_rules(folder: Path) -> None:
    edit(folder, "rules.toml", '["west"]', '["wset"]')
    found = write(folder, WEST, drawn(EAST, "Point", [1, 2]))
    assert [each.file for each in found] == ["areas.geojson", "rules.toml"]
    assert "did you mean 'west'?" in found[1].remedy


def test_a_cut_off_answer_of_a_map_service_is_said(folder: Path) -> None:
    text = geojson(WEST, EAST).replace('"features"', '"exceededTransferLimit": true, "features"')
    (folder / "areas.geojson").write_text(text)
    (found,) = check(folder)
    assert (found.level, "areas are missing" in found.message) == ("warning", True)


def test_a_feature_a_line_is_read_and_said(folder: Path) -> None:
    (folder / "areas.geojson").write_text(f"{json.dumps(WEST)}\n{json.dumps(EAST)}\n")
    (found,) = check(folder)
    assert (found.level, "sequence of GeoJSON features" in found.message) == ("note", True)
    assert list(load(folder).areas) == ["west", "east"]


@pytest.mark.parametrize("name", ["areas.geojson", "city.toml", "rules.toml", "categories.toml", "teams.toml"])
@pytest.mark.parametrize(
    "data", [b"", b"\xff\xfe{\x00", b"\x00", b"[" * 50_000, b"a = " + b"[" * 5_000, b"a = " + b"9" * 5_000]
)
def test_no_file_ends_in_a_traceback(folder: Path, name: str, data: bytes) -> None:
    (folder / name).write_bytes(data)
    assert {each.file for each in check(folder) if each.level == "error"} >= {name}


NUMBERS = st.sampled_from(
    [-71.02, -71.0, -70.98, 42.0, 42.02, 0, 180, -180, 90, 1e-300, 1e300, 1e15, 179.99, None, "x", True]
)
POSITION = st.lists(NUMBERS, min_size=0, max_size=3)
VALUES = st.recursive(NUMBERS, lambda inner: st.lists(inner, max_size=4), max_leaves=24)
COORDINATES = (
    VALUES
    | st.lists(st.lists(POSITION, max_size=6), max_size=3)
    | st.lists(st.lists(st.lists(POSITION, max_size=6), max_size=3), max_size=3)
)
GEOMETRIES = st.fixed_dictionaries(
    {"type": st.sampled_from(["Polygon", "MultiPolygon", "GeometryCollection", "Point", 3]), "coordinates": COORDINATES}
)
FEATURES = st.fixed_dictionaries(
    {
        "type": st.sampled_from(["Feature", "Feature", None]),
        "properties": st.none()
        | st.fixed_dictionaries(
            {
                "area_id": st.sampled_from(["west", "east", 5, 5.5, "a b", "", None, "\ud800", [], 10**30]),
                "area_name": VALUES | st.text(),
            }
        ),
        "geometry": st.none() | VALUES | GEOMETRIES,
    }
)


@given(st.lists(FEATURES, max_size=4), st.booleans())
def test_any_features_are_read_or_named(
    tmp_path_factory: pytest.TempPathFactory, features: list[Any], good: bool
) -> None:
    folder = write_city(tmp_path_factory.mktemp("city"))
    (folder / "areas.geojson").write_text(geojson(*([WEST, EAST] if good else []), *features))
    found = check(folder)
    for each in found:
        str(each).encode()
        assert each.remedy
    if not any(each.level == "error" for each in found):
        Locator(load(folder)).locate_all([(-71.01, 42.01)])


@given(st.data())
def test_a_square_with_other_corners_is_read_or_named(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """Corners move, vanish, or lose signs, order and numbers."""
    folder = write_city(tmp_path_factory.mktemp("city"))
    spoilt = deepcopy(EAST)
    ring = spoilt["geometry"]["coordinates"][0]
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(ring) - 1))
        ring[at] = data.draw(
            st.sampled_from(
                [ring[at][::-1], [-ring[at][0], *ring[at][1:]], [0, 0], [*ring[at], 1], ring[0], [181, 1], [-71, 43]]
            )
        )
    found = write(folder, WEST, spoilt)
    assert all(each.file == "areas.geojson" or "is border" in each.message for each in found)
    assert all("Traceback" not in str(each) for each in found)
