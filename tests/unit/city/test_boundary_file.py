"""Boundary files of any form: read, or named with the way to GeoJSON. Never a traceback."""

import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from concord_city.adapters.boundary_file import BoundaryError, decoded, read_features

from .twoside import feature, geojson, square

WEST, EAST = feature("west", square(-71.02, 42.0)), feature("east", square(-71.0, 42.0))
LINES = [json.dumps(WEST), json.dumps(EAST)]


def codes(text: str) -> list[tuple[int | None, str]]:
    return [(each.line, each.properties["area_id"]) for each in read_features(text).features]


def test_a_collection_is_read_with_its_lines() -> None:
    found = read_features(geojson(WEST, EAST))
    assert [(each.line, each.properties, each.geometry) for each in found.features] == [
        (2, WEST["properties"], WEST["geometry"]),
        (3, EAST["properties"], EAST["geometry"]),
    ]
    assert (found.form, found.cut_off) == (None, False)


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(LINES),
        "\r\n".join(LINES) + "\r\n",
        "".join(f"\x1e{line}\n" for line in LINES),
        LINES[0] + "\n" + geojson(EAST).replace("\n", ""),
    ],
)
def test_a_sequence_is_read_and_named(text: str) -> None:
    assert codes(text) == [(1, "west"), (2, "east")]
    assert "sequence" in str(read_features(text).form)


def test_a_sequence_may_have_features_over_many_lines() -> None:
    long = json.dumps(WEST, indent=1)
    assert codes(f"\x1e{long}\n\x1e{LINES[1]}\n") == [(1, "west"), (long.count("\n") + 2, "east")]


def test_a_list_and_a_single_feature_are_read_and_named() -> None:
    assert codes("[\n" + ",\n".join(LINES) + "]") == [(2, "west"), (3, "east")]
    assert "list" in str(read_features(f"[{LINES[0]}]").form)
    assert codes(LINES[0]) == [(1, "west")]
    assert "single" in str(read_features(LINES[0]).form)


def test_a_map_service_that_cut_the_answer_off() -> None:
    whole = {"type": "FeatureCollection", "features": [WEST]}
    for members in ({"exceededTransferLimit": True}, {"properties": {"exceededTransferLimit": True}}):
        assert read_features(json.dumps(whole | members)).cut_off


ESRI = {
    "spatialReference": {"wkid": 102100},
    "features": [{"attributes": {"ID": 1}, "geometry": {"rings": [[[0, 0], [1, 0], [1, 1]]]}}],
}
OTHER_FORMATS = [
    (json.dumps(ESRI), "Esri JSON", "f=geojson"),
    (json.dumps({"geometryType": "esriGeometryPolygon", "features": []}), "Esri JSON", "f=geojson"),
    ('{"type": "Topology", "objects": {}, "arcs": []}', "TopoJSON", "ogr2ogr"),
    ('{"error": {"code": 400, "message": "Invalid query"}}', "error message", "again"),
    ('{"meta": {}, "data": [[1]]}', "table", ".geojson"),
    ('[{"the_geom": {}, "name": "North"}]', "table rows", ".geojson"),
    (json.dumps(WEST["geometry"]), "bare Polygon", '"Feature"'),
    ('<?xml version="1.0"?><kml xmlns="http://www.opengis.net/kml/2.2">', "KML", "ogr2ogr"),
    ('<wfs:FeatureCollection xmlns:gml="http://www.opengis.net/gml">', "GML", "ogr2ogr"),
    ("\n<!DOCTYPE html><html>", "web page", "not the page"),
    ("<svg>", "XML", "ogr2ogr"),
    ("POLYGON ((0 0, 1 0, 1 1, 0 0))", "WKT", "ogr2ogr"),
    ("id,name,the_geom\n1,North,POLYGON", "CSV", "ogr2ogr"),
    ('"id";"name"\n', "CSV", "ogr2ogr"),
    (" \n", "empty", "again"),
    ("5", "not a GeoJSON FeatureCollection", "features"),
    ('{"type": "FeatureCollection"}', "not a GeoJSON FeatureCollection", "features"),
    (geojson(WEST, EAST)[:-9], "ends in the middle", "again"),
    (LINES[0] + "\n7\n", "not a GeoJSON feature", "again"),
    (LINES[0] + "\nabc\n", "not valid JSON", "again"),
    ("[" * 100_000, "nested too deeply", "again"),
    ('{"features": [' + "9" * 5000 + "]}", "too many digits", "again"),
]


@pytest.mark.parametrize(("text", "problem", "remedy"), OTHER_FORMATS)
def test_another_format_is_named_with_the_way_out(text: str, problem: str, remedy: str) -> None:
    with pytest.raises(BoundaryError) as raised:
        read_features(text)
    assert problem in raised.value.problem
    assert remedy in raised.value.remedy


@pytest.mark.parametrize(
    ("data", "problem", "remedy"),
    [
        (b"PK\x03\x04\x14\x00", "ZIP", "unpack"),
        (b"\x1f\x8b\x08", "gzip", "gunzip"),
        (b"\x00\x00\x27\x0a\x00", "shapefile", "ogr2ogr"),
        (b"SQLite format 3\x00", "GeoPackage", "ogr2ogr"),
        ("{}".encode("utf-16"), "UTF-16", "UTF-8"),
        (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS", "git lfs pull"),
        (b'{"name": "Z\xfcrich"}', "not UTF-8 text (byte 11)", "UTF-8"),
    ],
)
def test_a_file_that_is_no_text_is_named(data: bytes, problem: str, remedy: str) -> None:
    with pytest.raises(BoundaryError) as raised:
        decoded(data)
    assert problem in raised.value.problem
    assert remedy in raised.value.remedy


def test_a_byte_order_mark_is_passed_over() -> None:
    assert codes(decoded(b"\xef\xbb\xbf" + geojson(WEST).encode())) == [(2, "west")]


@pytest.mark.parametrize(
    "crs",
    [
        None,
        {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}},
        {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4326"}},
        {"type": "name", "properties": {"name": "EPSG:4269"}},
        {"type": "EPSG", "properties": {"code": 4258}},
    ],
)
def test_degrees_of_wgs_84_and_its_equals_are_read(crs: Any) -> None:
    assert len(read_features(json.dumps({"crs": crs, "features": [WEST]})).features) == 1


@pytest.mark.parametrize("name", ["urn:ogc:def:crs:EPSG::26986", "EPSG:3857", "EPSG:14326"])
def test_metres_of_a_projection_are_named(name: str) -> None:
    crs = {"type": "name", "properties": {"name": name}}
    with pytest.raises(BoundaryError, match=f"EPSG:{name.split(':')[-1]} -> convert"):
        read_features(json.dumps({"crs": crs, "features": [WEST]}))


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "features", "crs", "properties", "geometry", "error", "data"]), inner, max_size=4
        )
    ),
    max_leaves=20,
)


def reads_or_names(data: bytes) -> None:
    """Fails with any other error than BoundaryError."""
    with suppress(BoundaryError):
        assert read_features(decoded(data)).features


@given(ANY_JSON)
def test_any_json_is_read_or_named(document: Any) -> None:
    reads_or_names(json.dumps(document).encode())


@given(st.binary() | st.text(alphabet='{}[]",:0123456789.-\x1e \ntypefaursPKx', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_named(data: bytes) -> None:
    reads_or_names(data)


@given(st.data())
def test_a_damaged_file_is_read_or_named(data: st.DataObject) -> None:
    text = geojson(WEST, EAST)
    at = data.draw(st.integers(0, len(text)))
    reads_or_names((text[:at] + data.draw(st.text(max_size=3)) + text[at + 1 :]).encode("utf-8", "surrogatepass"))
