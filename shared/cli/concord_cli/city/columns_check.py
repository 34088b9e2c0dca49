"""Check of the columns.toml in a city folder: its own faults, and codes that the city does not have."""

from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Any

from concord_city.adapters.areas_geojson import read_areas
from concord_city.adapters.names_loader import NamesReading
from concord_city.adapters.toml_reader import Source, suggestion
from concord_city.domain.findings import Finding
from concord_cli.records import FILE_NAME
from concord_cli.records.ready import examine_mapping

Texts = tuple[str, ...]


def check_columns(folder: Path) -> list[Finding]:
    """Return the findings about columns.toml in the order of its lines, none without that file.

    The codes of a ready mapping that it begins `from` are no findings: the file does not have them.
    """
    if not (folder / FILE_NAME).exists():
        return []
    source, values, _ = examine_mapping(folder / FILE_NAME)
    names, areas = NamesReading(folder), Source("areas.geojson")
    if not names.categories.failed():
        _check_codes(source, values, ("categories", "category"), names.category_codes)
    if _codes(values, "areas"):
        codes = read_areas(folder, areas).codes
        if codes is not None and not areas.failed():
            _check_codes(source, values, ("areas", "area"), codes)
    return sorted(source.findings, key=lambda finding: finding.line or 0)


def _check_codes(source: Source, values: Mapping[str, Any], section: tuple[str, str], known: Collection[str]) -> None:
    name, what = section
    for path, code in _codes(values, name):
        if code and code not in known:
            source.error((name, *path), f"{code!r} is no {what} of the city", suggestion(code, known))


def _codes(values: Mapping[str, Any], section: str) -> list[tuple[Texts, str]]:
    """Return the codes of a section, each with its path there. The reader of the mapping reports what is no text."""
    return list(_found(values.get(section)))


def _found(table: Any) -> Iterator[tuple[Texts, str]]:
    if not isinstance(table, dict):
        return
    if isinstance(default := table.get("default"), str):
        yield ("default",), default
    codes = table.get("codes")
    for text, code in codes.items() if isinstance(codes, dict) else ():
        if isinstance(code, str):
            yield ("codes", text), code
