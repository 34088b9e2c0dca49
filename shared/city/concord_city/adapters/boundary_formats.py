"""Names the format of a file that has no GeoJSON areas, and the way from it to GeoJSON."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

GEOMETRIES = ("Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon", "GeometryCollection")
OGR = "ogr2ogr -f GeoJSON -t_srs EPSG:4326 areas.geojson FILE"
CONVERT = f"export it as GeoJSON in WGS 84 degrees, or convert it: {OGR}"
AGAIN = "download or export the file again"
NOT_JSON = "ask the source for .geojson, not .json"
FEATURE = 'write it as a feature: {"type": "Feature", "properties": {...}, "geometry": ...}'


class BoundaryError(Exception):
    """A file from which no areas can be read. `line` counts from 1; it is None for the whole file."""

    def __init__(self, problem: str, remedy: str, line: int | None = None) -> None:
        super().__init__(f"{problem} -> {remedy}")
        self.problem, self.remedy, self.line = problem, remedy, line


@dataclass(frozen=True, slots=True)
class _Signature:
    start: bytes
    name: str
    remedy: str = CONVERT


_SIGNATURES = (
    _Signature(b"PK\x03\x04", "a ZIP archive (a zipped shapefile, KMZ or spreadsheet)", f"unpack it; then {CONVERT}"),
    _Signature(b"\x1f\x8b", "a gzip archive", "unpack it: gunzip FILE"),
    _Signature(b"\x00\x00\x27\x0a", "a shapefile (.shp)"),
    _Signature(b"SQLite format 3\x00", "a GeoPackage or SQLite database"),
    _Signature(b"fgb\x03", "FlatGeobuf"),
    _Signature(b"PAR1", "(Geo)Parquet"),
    _Signature(b"%PDF", "a PDF document", "ask the source for the boundaries as GeoJSON"),
    _Signature(b"\xff\xfe", "UTF-16 text", "save the file as UTF-8"),
    _Signature(b"\xfe\xff", "UTF-16 text", "save the file as UTF-8"),
    _Signature(b"version https://git-lfs", "a pointer of Git LFS, not the file itself", "fetch the file: git lfs pull"),
)
_XML = (("<kml", "KML"), ("<gpx", "GPX"), ("<html", "a web page"), ("<!doctype html", "a web page"), ("gml", "GML"))
_WKT = ("POLYGON", "MULTIPOLYGON", "SRID=", "GEOMETRYCOLLECTION")


def check_binary(data: bytes) -> None:
    """Raise BoundaryError for bytes that begin like a known format which is no UTF-8 text."""
    for known in _SIGNATURES:
        if data.startswith(known.start):
            raise BoundaryError(f"the file is {known.name}, not GeoJSON", known.remedy)


def check_text(text: str) -> None:
    """Raise BoundaryError for text that is not JSON at all but of a known format."""
    start = text.lstrip("\ufeff \t\r\n")[:4000]
    if not start:
        raise BoundaryError("the file is empty", AGAIN)
    if start.startswith("<"):
        name = next((name for mark, name in _XML if mark in start.lower()), "XML")
        remedy = "download the file itself, not the page about it" if name == "a web page" else CONVERT
        raise BoundaryError(f"the file is {name}, not GeoJSON", remedy)
    if start.upper().startswith(_WKT):
        raise BoundaryError("the file is well-known text (WKT), not GeoJSON", CONVERT)
    if start[0] not in "{[\x1e" and any(mark in start.split("\n")[0] for mark in ",;\t"):
        raise BoundaryError("the file looks like a table (CSV), not GeoJSON", CONVERT)


def check_document(document: Any) -> None:
    """Raise BoundaryError for a JSON value of a known format that is not GeoJSON with features."""
    if isinstance(document, list) and document and isinstance(document[0], Mapping) and "type" not in document[0]:
        raise BoundaryError("the file is a list of table rows, not GeoJSON", NOT_JSON)
    if not isinstance(document, Mapping):
        return
    kind = document.get("type")
    if _is_esri(document):
        raise BoundaryError("the file is Esri JSON, not GeoJSON", f"ask the map service for f=geojson, or {CONVERT}")
    if kind == "Topology":
        raise BoundaryError("the file is TopoJSON, not GeoJSON", CONVERT)
    if kind in GEOMETRIES:
        raise BoundaryError(f"the file is a bare {kind} without properties", FEATURE)
    if "features" not in document and "error" in document:
        raise BoundaryError("the file is a server's error message, not GeoJSON", AGAIN)
    if "features" not in document and isinstance(document.get("data"), list):
        raise BoundaryError("the file is a table as JSON, not GeoJSON", NOT_JSON)


def _is_esri(document: Mapping[str, Any]) -> bool:
    if str(document.get("geometryType", "")).startswith("esri") or "rings" in document:
        return True
    features = document.get("features")
    first = features[0] if isinstance(features, list) and features else None
    return isinstance(first, Mapping) and "attributes" in first and "properties" not in first
