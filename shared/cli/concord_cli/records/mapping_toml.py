"""columns.toml: a mapping as a file."""

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any
from zoneinfo import available_timezones

from concord_city.adapters.toml_reader import Source, Table, read_toml, suggestion
from concord_cli.records.mapping import ROLES, ColumnMapping
from concord_cli.records.mapping_sections import read_codes, read_file, read_status, read_times
from concord_cli.records.projection import projection_of
from concord_cli.records.rows import InvalidRecords

FILE_NAME = "columns.toml"
TIME_PARTS = ("year", "month", "day", "hour", "minute", "second")


def read_mapping(path: Path, ready: Mapping[str, ColumnMapping]) -> ColumnMapping:
    """Return the mapping of a file. `ready` has the mappings that a file can begin `from`.

    Raises InvalidRecords with every fault, each with its line and remedy.
    """
    source, _, mapping = examine(path, ready)
    if mapping is None:
        raise InvalidRecords("\n".join(str(finding) for finding in source.findings))
    return mapping


def examine(path: Path, ready: Mapping[str, ColumnMapping]) -> tuple[Source, Mapping[str, Any], ColumnMapping | None]:
    """Return the findings about a file, its values, and its mapping; None with an error."""
    source = Source(path.name)
    root = read_toml(path.parent, source, "[columns] with id, category and time")
    mapping = _mapping(root, ready) if root else None
    return source, root.values if root else {}, None if source.failed() else mapping


def _mapping(root: Table, ready: Mapping[str, ColumnMapping]) -> ColumnMapping:
    base = _base(root, ready)
    values: dict[str, Any] = {
        "source": _text(root, "source", 'source = "city311"', base.source),
        "time_zone": _time_zone(root) or base.time_zone,
        "projection": _projection(root) or base.projection,
    }
    values |= _columns(root, base) | read_file(root, base) | read_times(root, base) | read_status(root, base)
    for name in ("categories", "channels", "areas"):
        values[name] = read_codes(root, name, getattr(base, name))
    root.done()
    mapping = replace(base, **values)
    _check_complete(root, mapping)
    return mapping


def _base(root: Table, ready: Mapping[str, ColumnMapping]) -> ColumnMapping:
    name = root.text("from", 'from = "boston311"', required=False)
    if name is None:
        return ColumnMapping({})
    if name not in ready:
        root.error("from", f"unknown ready mapping {name!r}", suggestion(name, ready))
        return ColumnMapping({})
    return ready[name]


def _text(table: Table, key: str, example: str, default: str | None) -> str | None:
    value = table.text(key, example, required=False)
    return default if value is None else value


def _time_zone(root: Table) -> str | None:
    value = root.text("time_zone", 'time_zone = "America/New_York"', required=False)
    if value is not None and value not in available_timezones():
        root.error("time_zone", f"unknown time zone {value!r}", suggestion(value, sorted(available_timezones())))
        return None
    return value


def _projection(root: Table) -> str | None:
    example = 'projection = "EPSG:26910"'
    value = root.text("projection", example, required=False)
    if value is not None and projection_of(value) is None:
        remedy = "write the EPSG code of a UTM zone such as EPSG:26910 or EPSG:32633, or export degrees of WGS 84"
        root.error("projection", f"unknown projection {value!r}", remedy)
        return None
    return value


def _columns(root: Table, base: ColumnMapping) -> dict[str, Any]:
    table = root.table("columns", '[columns] with id = "..."', required=not base.columns)
    if table is None:
        return {}
    columns = dict(base.columns)
    for role in ROLES:
        if names := _names(table, role, f'{role} = "Column"'):
            columns[role] = names
    values: dict[str, Any] = {
        "columns": columns,
        "id_from": _names(table, "id_from", 'id_from = ["Month", "Location"]') or base.id_from,
        "time_parts": _names(table, "time_parts", 'time_parts = ["YEAR", "MONTH", "DAY"]') or base.time_parts,
        "optional": frozenset(table.choices("optional", tuple(ROLES), "column", 'optional = ["target"]') or ()),
    }
    values["optional"] |= base.optional - table.values.keys()
    if len(values["time_parts"]) > len(TIME_PARTS):
        table.error("time_parts", "a time has at most six parts", f"name the columns of {', '.join(TIME_PARTS)}")
    table.done()
    return values


def _names(table: Table, key: str, example: str) -> tuple[str, ...]:
    """Return one name or a list of names."""
    if isinstance(table.values.get(key), list):
        return tuple(table.texts(key, example) or ())
    value = table.text(key, example, required=False)
    return () if value is None else (value,)


def _check_complete(root: Table, mapping: ColumnMapping) -> None:
    columns, path = mapping.columns, ("columns",)
    if "id" not in columns and not mapping.id_from:
        root.source.error(path, "no column is the id", 'add id = "Column", or id_from = ["Column", ...] to make ids')
    if "category" not in columns:
        root.source.error(path, "no column is the category", 'add category = "Column"')
    if "time" not in columns and not mapping.time_parts:
        root.source.error(path, "no column is the time", 'add time = "Column"')
    if ("lon" in columns) != ("lat" in columns):
        root.source.error(path, "only one of lon and lat is there", "name both columns")
    needed = {"closed": mapping.closed_words, "open": mapping.open_words}
    for key, words in needed.items():
        if words and "status" not in columns:
            root.source.error(("status", key), "no column is the status", 'add status = "Column" to [columns]')
