"""The outlines of a city's areas."""

import json
from pathlib import Path

import pytest

from concord_metrics.adapters.area_geojson import read_outlines

BOSTON = Path(__file__).parents[3] / "deploy" / "sample" / "boston" / "city"


def test_the_areas_of_boston_fit_a_page():
    found = read_outlines(BOSTON)

    assert found.names["B2"] == "Roxbury"
    assert list(found.names) == [each["id"] for each in found.geojson["features"]]
    assert all(each["geometry"]["coordinates"] for each in found.geojson["features"])
    assert len(json.dumps(found.geojson)) < 80_000


def test_a_byte_order_mark_is_passed_over(tmp_path):
    (tmp_path / "areas.geojson").write_bytes(b"\xef\xbb\xbf" + (BOSTON / "areas.geojson").read_bytes())
    assert read_outlines(tmp_path) == read_outlines(BOSTON)


@pytest.mark.parametrize("text", ["", "[]", '{"features": [{}]}', '{"features": [{"properties": {}, "geometry": 1}]}'])
def test_a_broken_file_is_named(tmp_path, text):
    (tmp_path / "areas.geojson").write_text(text)
    with pytest.raises(ValueError, match=r"areas\.geojson"):
        read_outlines(tmp_path)


SQUARE = "[[[-71.1, 42.3], [-71.08, 42.3], [-71.08, 42.32], [-71.1, 42.32], [-71.1, 42.3]]]"


def feature(code: str, coordinates: str, kind: str = "Polygon") -> str:
    names = f'"properties": {{"area_id": {code}, "area_name": "North"}}'
    return f'{{"type": "Feature", {names}, "geometry": {{"type": "{kind}", "coordinates": {coordinates}}}}}'


def test_a_map_has_what_the_check_of_the_folder_reads(tmp_path):
    """A feature a line, an id that is a number, heights, an empty part, an area in two features."""
    lines = [feature("1", SQUARE), feature("1", f"[{SQUARE}, []]", "MultiPolygon"), feature('"2"', SQUARE)]
    (tmp_path / "areas.geojson").write_text("\ufeff" + "\n".join(lines).replace("[-71.1, 42.3]", "[-71.1, 42.3, 5]"))
    found = read_outlines(tmp_path)

    assert found.names == {"1": "North", "2": "North"}
    assert [len(each["geometry"]["coordinates"]) for each in found.geojson["features"]] == [2, 1]
    assert found.geojson["features"][1]["geometry"]["coordinates"] == [
        [[(-71.1, 42.3), (-71.08, 42.3), (-71.08, 42.32), (-71.1, 42.32), (-71.1, 42.3)]]
    ]
