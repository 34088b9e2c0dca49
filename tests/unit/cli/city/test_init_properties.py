"""Any boundary file and any export: a usable folder, or words and no folder. Never a traceback."""

import csv
import io
import json
import tempfile
from pathlib import Path
from typing import Any

from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from concord_city import check, load
from concord_cli.commands import concord
from concord_cli.records import load_mapping

NUMBERS = st.sampled_from([0.0, -71.10, -71.08, -71.06, 42.30, 42.32, 181.0, 491_000.0]) | st.floats(allow_nan=True)
POSITIONS = st.lists(NUMBERS, max_size=3)
RINGS = st.lists(POSITIONS, max_size=5)
SQUARES = st.integers(0, 8).map(
    lambda n: [
        [
            [-71.1 + n / 50, 42.3],
            [-71.08 + n / 50, 42.3],
            [-71.08 + n / 50, 42.32],
            [-71.1 + n / 50, 42.32],
            [-71.1 + n / 50, 42.3],
        ]
    ]
)
GEOMETRIES = st.builds(
    lambda kind, coordinates: {"type": kind, "coordinates": coordinates},
    st.sampled_from(["Polygon", "Polygon", "MultiPolygon", "Point"]),
    SQUARES | st.lists(RINGS, max_size=2),
)
VALUES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=70) | st.lists(st.none(), max_size=1)
)
PROPERTIES = st.none() | st.dictionaries(st.sampled_from(["area_id", "code", "name", "OBJECTID"]) | st.text(), VALUES)
FEATURES = st.lists(
    st.builds(
        lambda properties, geometry: {"type": "Feature", "properties": properties, "geometry": geometry},
        PROPERTIES,
        st.none() | GEOMETRIES | st.builds(lambda rings: {"type": "Polygon", "coordinates": rings}, SQUARES),
    ),
    max_size=4,
)
CELLS = st.sampled_from(["", "1", "Noise", "2026-01-02", "42.31", "-71.09", "C-11", "Lärm"]) | st.text(max_size=8)
HEADS = st.lists(
    st.sampled_from(["id", "category", "date", "lat", "lon", "district", "status"]), min_size=1, max_size=7
)


def run(boundaries: str, export: str | None) -> None:
    """Call the command, and look at what it leaves."""
    with tempfile.TemporaryDirectory() as folder:
        areas, records, city = (Path(folder) / name for name in ("areas.geojson", "export.csv", "city"))
        areas.write_bytes(boundaries.encode("utf-8", "surrogatepass"))
        arguments = ["city", "init", "--areas", str(areas), str(city)]
        if export is not None:
            records.write_bytes(export.encode("utf-8", "replace"))
            arguments += ["--records", str(records)]
        result = CliRunner().invoke(concord, arguments, prog_name="concord")
        assert result.exception is None or isinstance(result.exception, SystemExit), repr(result.exception)
        assert result.exit_code in (0, 1, 2)
        assert result.output.strip()
        assert city.exists() == (result.exit_code == 0)
        if city.exists():
            assert [str(finding) for finding in check(city) if finding.level == "error"] == []
            load(city)
            assert export is None or load_mapping(city / "columns.toml").source


def squares(codes: list[Any]) -> str:
    features = []
    for number, code in enumerate(codes):
        west = -71.1 + number / 50
        ring = [[west, 42.3], [west + 0.02, 42.3], [west + 0.02, 42.32], [west, 42.32], [west, 42.3]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"code": code}, "geometry": geometry})
    return json.dumps({"type": "FeatureCollection", "features": features})


@settings(max_examples=150, deadline=None)
@given(FEATURES)
def test_any_features(features: list[dict[str, Any]]) -> None:
    run(json.dumps({"type": "FeatureCollection", "features": features}), None)


@settings(max_examples=80, deadline=None)
@given(
    st.text() | st.recursive(VALUES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)).map(json.dumps)
)
def test_any_text_and_any_json(text: str) -> None:
    run(text, None)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.text(max_size=5) | st.integers(), min_size=1, max_size=3),
    HEADS,
    st.lists(st.lists(CELLS, max_size=8), max_size=12),
    st.sampled_from([",", ";", "\t"]),
)
def test_any_export(codes: list[Any], head: list[str], rows: list[list[str]], delimiter: str) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter)
    writer.writerow(head)
    writer.writerows(rows)
    run(squares(codes), out.getvalue())
