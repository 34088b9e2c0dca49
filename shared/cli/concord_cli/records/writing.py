"""Writes a mapping as columns.toml."""

import json
from collections.abc import Iterable, Mapping

from concord_cli.common.terminal_text import plain
from concord_cli.records.mapping import Codes, ColumnMapping

Lines = list[str]


def to_toml(mapping: ColumnMapping) -> str:
    """Return the mapping as the text of a columns.toml, with its guesses as comments."""
    blocks = [
        ["# Which column of an export is what. `concord import --help` and docs/guide/importing.md explain the keys."],
        [f"# {plain(guess)}" for guess in mapping.guesses],
        _pairs({"source": mapping.source, "time_zone": mapping.time_zone, "projection": mapping.projection}),
        _table("file", _file(mapping)),
        _table("columns", _columns(mapping)),
        _table("times", _times(mapping)),
        *_codes("categories", mapping.categories),
        *_codes("channels", mapping.channels),
        *_codes("areas", mapping.areas),
        _table("status", _status(mapping)),
    ]
    return "\n\n".join("\n".join(block) for block in blocks if block) + "\n"


def _file(mapping: ColumnMapping) -> dict[str, object]:
    return {
        "encoding": mapping.encoding,
        "delimiter": mapping.delimiter,
        "decimal": mapping.decimal,
        "title_rows": mapping.title_rows,
        "quote_escape": mapping.quote_escape,
        "empty": sorted(mapping.empty),
    }


def _columns(mapping: ColumnMapping) -> dict[str, object]:
    columns: dict[str, object] = {}
    for role, names in mapping.columns.items():
        columns[role] = names[0] if len(names) == 1 else list(names)
    lists = {"id_from": mapping.id_from, "time_parts": mapping.time_parts, "optional": sorted(mapping.optional)}
    return columns | {key: list(names) for key, names in lists.items()}


def _times(mapping: ColumnMapping) -> dict[str, object]:
    values: dict[str, object] = {"forms": list(mapping.forms)}
    if mapping.missing_hour != "move":
        values["missing_hour"] = mapping.missing_hour
    if mapping.double_hour != "first":
        values["double_hour"] = mapping.double_hour
    return values


def _codes(name: str, codes: Codes) -> Iterable[Lines]:
    values: dict[str, object] = {"default": codes.default, "make_codes": codes.make_codes or None}
    return _table(name, values), _table(f"{name}.codes", codes.codes)


def _status(mapping: ColumnMapping) -> dict[str, object]:
    without = mapping.closed_without_time
    return {
        "closed": list(mapping.closed_words),
        "open": list(mapping.open_words),
        "closed_without_time": None if without == "refuse" else without,
    }


def _table(name: str, values: Mapping[str, object]) -> Lines:
    pairs = _pairs(values)
    return [f"[{name}]", *pairs] if pairs else []


def _pairs(values: Mapping[str, object]) -> Lines:
    return [f"{_key(key)} = {_value(value)}" for key, value in values.items() if value is not None and value != []]


def _key(key: str) -> str:
    is_bare = key.isascii() and key.replace("_", "a").replace("-", "a").isalnum()
    return key if is_bare else _value(key)


def _value(value: object) -> str:
    """Return a TOML value. JSON's texts are TOML's too, but for characters beyond 16 bits and DEL."""
    if isinstance(value, list):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    return json.dumps(value)
