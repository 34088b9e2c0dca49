"""areas.geojson: the areas and their outlines."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from concord_city.adapters.area_names import AreaNames, read_names
from concord_city.adapters.boundary_file import BoundaryError, Features, decoded, read_features
from concord_city.adapters.place_checks import AreaPart
from concord_city.adapters.source_lines import SourceLines
from concord_city.adapters.toml_reader import Source, read_bytes
from concord_city.domain.model import Area
from concord_city.domain.places import box_of
from concord_city.domain.polygons import BadShape, Polygon, polygons
from concord_city.outline import Outline, join_outlines, outline_of

SHAPE_REMEDY = "draw it as a Polygon or MultiPolygon in WGS 84 degrees"
COLLECTION_REMEDY = 'leave it; for other programs, write {"type": "FeatureCollection", "features": [...]}'
ZERO = 1e-6


@dataclass(slots=True)
class AreasReading:
    """The areas by code, in the order of the file.

    `codes` has also the areas with an invalid shape; it is None when the file does not name every area. `features` has
    the number of each area's first feature, `parts` each polygon of each area.
    """

    areas: dict[str, Area] = field(default_factory=dict)
    codes: list[str] | None = None
    features: dict[str, int] = field(default_factory=dict)
    parts: list[AreaPart] = field(default_factory=list)


def read_areas(folder: FilePath, source: Source) -> AreasReading:
    """Return the areas. Join the features of one area, repair invalid outlines, and report both."""
    data = read_bytes(folder, source, "one feature for every area")
    if data is None:
        return AreasReading()
    try:
        file = read_features(decoded(data))
    except BoundaryError as error:
        source.report("error", error.line, error.problem, error.remedy)
        return AreasReading()
    source.lines = SourceLines(
        {("features", number): each.line for number, each in enumerate(file.features) if each.line is not None}
    )
    _report_form(file, source)
    names = read_names([feature.properties for feature in file.features], source)
    return _read_shapes(file, names, source)


def _report_form(file: Features, source: Source) -> None:
    if file.form is not None:
        source.report("note", None, f"the file is {file.form}; Concord reads it", COLLECTION_REMEDY)
    if file.cut_off:
        source.warning(
            (), "the map service says that it cut its answer off: areas are missing", "fetch the rest: resultOffset=..."
        )


def _read_shapes(file: Features, names: AreaNames, source: Source) -> AreasReading:
    reading = AreasReading(codes=names.codes)
    outlines: dict[str, list[bytes]] = {}
    for number, feature in enumerate(file.features):
        code = names.of_feature[number]
        label = code or number + 1
        shape = _shape(number, label, feature.geometry, source)
        if shape is not None and code is not None:
            outlines.setdefault(code, []).append(shape[0])
            reading.features.setdefault(code, number)
            reading.parts += _parts(code, number, shape[1])
    for code, several in outlines.items():
        outline = _joined(code, several, reading.features[code], source)
        reading.areas[code] = Area(code, names.names.get(code, ""), outline)
    return reading


def _joined(code: str, outlines: Sequence[bytes], number: int, source: Source) -> bytes:
    if len(outlines) == 1:
        return outlines[0]
    joined = join_outlines(outlines)
    _report_overlap(("features", number), code, joined, source)
    return joined.wkb


def _shape(number: int, label: str | int, geometry: Any, source: Source) -> tuple[bytes, list[Polygon]] | None:
    """Return the outline and the polygons of a feature, or None with a finding."""
    path = ("features", number)
    if not isinstance(geometry, Mapping):
        source.error(path, f"the area {label!r} has no geometry", SHAPE_REMEDY)
        return None
    try:
        drawn = polygons(geometry)
        outline = outline_of(drawn)
    except BadShape as error:
        source.error(path, f"the area {label!r} has an invalid shape: {error}", error.remedy or SHAPE_REMEDY)
        return None
    if outline.overlap is not None:
        _report_overlap(path, label, outline, source)
    elif outline.repaired is not None:
        source.warning(
            path,
            f"the shape of area {label!r} is invalid ({outline.repaired}); Concord uses a repaired one",
            "check it on a map and export it again",
        )
    return outline.wkb, drawn


def _report_overlap(path: tuple[str, int], label: str | int, outline: Outline, source: Source) -> None:
    if outline.overlap is not None:
        source.warning(
            path,
            f"parts of the area {label!r} overlap by {outline.overlap}; Concord takes their union",
            "if one is meant as a hole, write it as a further ring of the polygon around it",
        )


def _parts(code: str, number: int, drawn: Sequence[Polygon]) -> Iterator[AreaPart]:
    for polygon in drawn:
        has_zero = any(abs(lon) < ZERO and abs(lat) < ZERO for lon, lat in polygon[0])
        yield AreaPart(code, number, box_of(polygon), has_zero)
