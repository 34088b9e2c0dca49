"""Reads the features of a boundary file in any form of GeoJSON, without judging them.

features = read_features(decoded(path.read_bytes())).features
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain, repeat
from typing import Any

from concord_city.adapters.boundary_formats import AGAIN, OGR, BoundaryError, check_binary, check_document, check_text
from concord_city.adapters.source_lines import LineIndex, element_lines, feature_lines

__all__ = ["BoundaryError", "Feature", "Features", "decoded", "read_features"]

SEPARATOR = "\x1e"
"""The record separator of RFC 8142."""
BETWEEN = re.compile(r"[ \t\r\n\x1e]*")
SEQUENCE = "a sequence of GeoJSON features, without a FeatureCollection around them"
LIST = "a list of GeoJSON features, without a FeatureCollection around them"
SINGLE = "a single GeoJSON feature, without a FeatureCollection around it"
COLLECTION_EXAMPLE = 'write {"type": "FeatureCollection", "features": [...]}'
REFERENCE_SYSTEM = re.compile(r"\b(?:\d{4,6}|CRS84)\b")
DEGREES = frozenset(
    ("CRS84", "4326", "4979", "4269", "6318", "4617", "4258", "4171", "4674", "4283", "7844", "4167", "4612", "6668")
)
"""Reference systems of longitude and latitude within about two metres of WGS 84, such as NAD 83 and ETRS 89."""


@dataclass(frozen=True, slots=True)
class Feature:
    """One feature as it is in the file. `line` counts from 1; `geometry` is not checked, `properties` is a mapping."""

    line: int | None
    properties: Mapping[str, Any]
    geometry: Any


@dataclass(frozen=True, slots=True)
class Features:
    """The features in the order of the file. `form` names any form but a FeatureCollection, else it is None.

    `cut_off` states that the map service says that more features exist than it sent.
    """

    features: tuple[Feature, ...]
    form: str | None = None
    cut_off: bool = False


def decoded(data: bytes) -> str:
    """Return the text of a file. Raises BoundaryError, which names the format of a file that is no text."""
    check_binary(data)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BoundaryError(f"the file is not UTF-8 text (byte {error.start})", "save the file as UTF-8") from error


def read_features(text: str) -> Features:
    """Return the features of GeoJSON text: a FeatureCollection, a feature, or a list or sequence of features.

    A sequence has one feature a line, or one after another, with or without the separators of RFC 8142. Raises
    BoundaryError for other text: it names the format, if it is known, and the way from it to GeoJSON.
    """
    check_text(text)
    try:
        return _sequence(text) if text.lstrip(" \t\r\n").startswith(SEPARATOR) else _document(json.loads(text), text)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            return read_features(SEPARATOR + text)
        raise _invalid(text, error) from error
    except RecursionError as error:
        raise BoundaryError("the JSON is nested too deeply", AGAIN) from error
    except ValueError as error:
        raise BoundaryError("not valid JSON: a number has too many digits", AGAIN) from error


def _document(document: Any, text: str) -> Features:
    check_document(document)
    if isinstance(document, list) and document and all(_is_feature(each) for each in document):
        lines = element_lines(text, text.index("["))
        return Features(tuple(map(_feature, document, lines)), LIST)
    if _is_feature(document):
        return Features((_feature(document, 1),), SINGLE)
    if not isinstance(document, dict) or not isinstance(document.get("features"), list):
        raise BoundaryError("not a GeoJSON FeatureCollection", COLLECTION_EXAMPLE)
    if not document["features"]:
        raise BoundaryError("the file has no area", "add one feature for every area")
    _check_reference_system(document)
    found = tuple(map(_feature, document["features"], chain(feature_lines(text), repeat(None))))
    return Features(found, cut_off=_is_cut_off(document))


def _sequence(text: str) -> Features:
    found: list[Feature] = []
    for line, value in _values(text):
        check_document(value)
        if isinstance(value, dict) and isinstance(value.get("features"), list):
            _check_reference_system(value)
            found += [_feature(each, line) for each in value["features"]]
        elif _is_feature(value):
            found.append(_feature(value, line))
        else:
            raise BoundaryError("the text after the first JSON value is not a GeoJSON feature", AGAIN, line)
    if not found:
        raise BoundaryError("the file has no area", "add one feature for every area")
    return Features(tuple(found), SEQUENCE)


def _values(text: str) -> Iterator[tuple[int, Any]]:
    """Yield each JSON value with the line on which it begins."""
    decoder, index, at = json.JSONDecoder(), LineIndex(text), _skip(text, 0)
    while at < len(text):
        line = index.line(at)
        value, at = decoder.raw_decode(text, at)
        yield line, value
        at = _skip(text, at)


def _skip(text: str, at: int) -> int:
    match = BETWEEN.match(text, at)
    return match.end() if match else at


def _is_feature(value: Any) -> bool:
    return isinstance(value, dict) and value.get("type") == "Feature"


def _feature(value: Any, line: int | None) -> Feature:
    members = value if isinstance(value, dict) else {}
    properties = members.get("properties")
    return Feature(line, properties if isinstance(properties, dict) else {}, members.get("geometry"))


def _check_reference_system(document: Mapping[str, Any]) -> None:
    """Raise BoundaryError for the old member "crs" with metres or another datum than WGS 84 and its equals."""
    if document.get("crs") is None:
        return
    named = json.dumps(document["crs"])
    codes = REFERENCE_SYSTEM.findall(named)
    if not DEGREES.intersection(codes):
        name = f"EPSG:{codes[-1]}" if codes else named[:80]
        raise BoundaryError(
            f"the coordinates are not WGS 84 degrees but {name}", f"convert the file to EPSG:4326: {OGR}"
        )


def _is_cut_off(document: Mapping[str, Any]) -> bool:
    properties = document.get("properties")
    return any(
        isinstance(members, dict) and members.get("exceededTransferLimit") is True for members in (document, properties)
    )


def _invalid(text: str, error: json.JSONDecodeError) -> BoundaryError:
    if error.pos >= len(text.rstrip()):
        return BoundaryError("not valid JSON: the text ends in the middle", AGAIN, error.lineno)
    return BoundaryError(f"not valid JSON: {error.msg}", AGAIN, error.lineno)
