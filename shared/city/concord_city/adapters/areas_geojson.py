"""areas.geojson: the areas and their outlines."""

import json
from collections.abc import Mapping
from pathlib import Path as FilePath
from typing import Any

from concord_city.adapters.source_lines import SourceLines, feature_lines
from concord_city.adapters.toml_reader import CODE, Source, read_text
from concord_city.domain.model import Area
from concord_city.geometry import BadShape, repaired

DEGREES = ("CRS84", "4326")
SHAPE_REMEDY = "draw it as a Polygon or MultiPolygon in WGS 84 degrees"


def read_areas(folder: FilePath, source: Source) -> dict[str, Area]:
    """Return the areas by code, in the order of the file. Repair invalid outlines and report each repair."""
    text = read_text(folder, source, "one feature for every area")
    data = None if text is None else _parse(text, source)
    if text is None or data is None:
        return {}
    source.lines = SourceLines({("features", number): line for number, line in enumerate(feature_lines(text), 0)})
    areas: dict[str, Area] = {}
    for number, feature in enumerate(data["features"]):
        area = _area(source, number, feature)
        if area is not None and area.code in areas:
            source.error(("features", number), f"duplicate area {area.code!r}", "give each its own area_id")
        elif area is not None:
            areas[area.code] = area
    return areas


def _parse(text: str, source: Source) -> dict[str, Any] | None:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        source.report("error", error.lineno, f"not valid JSON: {error.msg}", "export the file again")
        return None
    except RecursionError:
        source.error((), "the JSON is nested too deeply", "export the file again")
        return None
    if not isinstance(data, dict) or not isinstance(data.get("features"), list):
        source.error((), "not a GeoJSON FeatureCollection", 'write {"type": "FeatureCollection", "features": [...]}')
        return None
    if not data["features"]:
        source.error((), "the file has no area", "add one feature for every area")
        return None
    crs = data.get("crs")
    if crs is not None and not any(mark in json.dumps(crs) for mark in DEGREES):
        source.error((), "the coordinates are not WGS 84 degrees", "convert the file to EPSG:4326")
        return None
    return data


def _area(source: Source, number: int, feature: Any) -> Area | None:
    path = ("features", number)
    properties = feature.get("properties") if isinstance(feature, dict) else None
    geometry = feature.get("geometry") if isinstance(feature, dict) else None
    code, name = _names(source, number, properties if isinstance(properties, dict) else {})
    if not isinstance(geometry, dict):
        source.error(path, f"the area {code or number + 1!r} has no geometry", SHAPE_REMEDY)
        return None
    try:
        outline, wrong = repaired(geometry)
    except BadShape as error:
        source.error(path, f"the area {code or number + 1!r} has an invalid shape: {error}", SHAPE_REMEDY)
        return None
    if wrong is not None:
        source.warning(
            path,
            f"the shape of area {code or number + 1!r} is invalid ({wrong}); Concord uses a repaired one",
            "check it on a map and export it again",
        )
    return None if code is None or name is None else Area(code, name, outline)


def _names(source: Source, number: int, properties: Mapping[str, Any]) -> tuple[str | None, str | None]:
    names: list[str | None] = []
    for key in ("area_id", "area_name"):
        value = properties.get(key)
        if not isinstance(value, str) or not value.strip():
            message = f"the property {key!r} is missing" if value is None else f"{key!r} must be a text"
            source.error(("features", number), message, f'add "{key}": "..." to its properties')
            value = None
        names.append(value)
    code, name = names
    if code is not None and not CODE.fullmatch(code):
        source.error(
            ("features", number),
            f"the area_id {code!r} is invalid",
            "use 1 to 64 letters, digits, - and _ only",
        )
        code = None
    return code, name
