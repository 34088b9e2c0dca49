"""The sections of columns.toml beside its columns: the file, times, codes and status."""

from collections.abc import Collection
from typing import Any

from concord_city.adapters.toml_reader import Table, suggestion
from concord_cli.records.mapping import Codes, ColumnMapping
from concord_cli.records.time_forms import BadForm, compiled
from concord_contracts.messages.intake import CHANNELS

CHOICES = {
    "missing_hour": ("move", "refuse"),
    "double_hour": ("first", "second", "refuse"),
    "closed_without_time": ("refuse", "opening", "open"),
}


def read_file(root: Table, base: ColumnMapping) -> dict[str, Any]:
    """Return the keys of [file], or those of the base."""
    table = root.table("file", "[file]", required=False)
    if table is None:
        return {}
    rows = table.number("title_rows", "title_rows = 1", low=0, high=100, required=False)
    empty = table.texts("empty", 'empty = ["NULL", "N/A"]', required=False)
    values = {
        "encoding": _encoding(table) or base.encoding,
        "delimiter": _one_of(table, "delimiter", (",", ";", "\t", "|")) or base.delimiter,
        "decimal": _one_of(table, "decimal", (".", ",")) or base.decimal,
        "quote_escape": _one_of(table, "quote_escape", ("\\",)) or base.quote_escape,
        "title_rows": base.title_rows if rows is None else int(rows),
        "empty": base.empty if empty is None else frozenset(empty),
    }
    table.done()
    return values


def _encoding(table: Table) -> str | None:
    value = table.text("encoding", 'encoding = "cp1252"', required=False)
    try:
        return value if value is None else value.strip() if "a".encode(value.strip()) else None
    except (LookupError, ValueError):
        table.error("encoding", f"unknown encoding {value!r}", "write utf-8, utf-16, cp1252 or latin-1")
        return None


def _one_of(table: Table, key: str, known: Collection[str]) -> str | None:
    """Return one of a few characters or words."""
    listed = " or ".join(repr(word) for word in known)
    value: str | None = table.take(key, str, f"{key} = {listed}", required=False)
    if value is not None and value not in known:
        table.error(key, f"{key!r} is {value!r}", f"write {listed}")
        return None
    return value


def read_times(root: Table, base: ColumnMapping) -> dict[str, Any]:
    """Return the keys of [times], or those of the base."""
    table = root.table("times", "[times]", required=False)
    if table is None:
        return {}
    forms = table.texts("forms", 'forms = ["MM/DD/YYYY hh:mm:ss AM"]', required=False)
    for number, form in enumerate(forms or ()):
        try:
            compiled(form)
        except BadForm as error:
            table.error("forms", str(error), 'write a form such as "MM/DD/YYYY hh:mm AM" or "DD.MM.YYYY HH:mm"', number)
    values: dict[str, Any] = {"forms": base.forms if forms is None else tuple(forms)}
    values |= {key: _one_of(table, key, CHOICES[key]) or getattr(base, key) for key in ("missing_hour", "double_hour")}
    table.done()
    return values


def read_status(root: Table, base: ColumnMapping) -> dict[str, Any]:
    """Return the keys of [status], or those of the base."""
    table = root.table("status", "[status]", required=False)
    if table is None:
        return {}
    closed, opened = (table.texts(key, f'{key} = ["{key}"]', required=False) for key in ("closed", "open"))
    key = "closed_without_time"
    values = {
        "closed_words": base.closed_words if closed is None else tuple(closed),
        "open_words": base.open_words if opened is None else tuple(opened),
        key: _one_of(table, key, CHOICES[key]) or base.closed_without_time,
    }
    table.done()
    return values


def _codes(table: Table, *, may_be_empty: bool) -> dict[str, str]:
    """Return the codes by text. An empty code stands for none."""
    take = (lambda text: table.take(text, str, '"code"')) if may_be_empty else (lambda text: table.text(text, '"code"'))
    return {text: code for text in table.values if (code := take(text)) is not None}


def read_codes(root: Table, name: str, base: Codes) -> Codes:
    """Return the codes of [categories], [channels] or [areas], added to those of the base."""
    table = root.table(name, f"[{name}]", required=False)
    if table is None:
        return base
    default = table.text("default", 'default = "other"', required=False)
    make = table.take("make_codes", bool, "make_codes = true", required=False)
    inner = table.table("codes", f"[{name}.codes]", required=False)
    codes = _codes(inner, may_be_empty=name == "areas") if inner else {}
    table.done()
    if name == "channels":
        for text in [text for text, code in codes.items() if code not in CHANNELS]:
            root.source.error(
                (name, "codes", text), f"unknown channel {codes[text]!r}", suggestion(codes[text], CHANNELS)
            )
        if default is not None and default not in CHANNELS:
            table.error("default", f"unknown channel {default!r}", suggestion(default, CHANNELS))
    return Codes(
        {**base.codes, **codes},
        base.default if default is None else default,
        base.make_codes if make is None else make,
    )
