"""Proposes a mapping for a records file from its head and its first rows."""

import re
from dataclasses import replace
from pathlib import Path

from concord_cli.records.mapping import Codes, ColumnMapping
from concord_cli.records.proposal_sample import Sample, read_sample
from concord_cli.records.proposed_columns import Columns, propose_columns
from concord_cli.records.proposed_times import propose_forms
from concord_cli.records.ready import likely_mapping, ready_mapping

MAX_STATUS_WORDS = 40
CHANNEL_WORDS = {
    "phone": ("phone", "call", "telefon"),
    "app": ("app", "mobile"),
    "web": ("web", "online", "internet", "self service"),
    "email": ("mail",),
    "in_person": ("person", "walk", "counter", "employee"),
    "api": ("api", "integrat", "open311"),
}
CLOSED_WORD = re.compile(
    r"clos|complet|resolv|done|finish|cancel|erledigt|geschlossen|afgehandeld|cerrad", re.IGNORECASE
)


def propose(file: Path) -> ColumnMapping:
    """Return a mapping guessed from the file; its `guesses` say what to check.

    A file with the columns of a ready mapping gets that one. Raises InvalidRecords for a file without a head.
    """
    sample = read_sample(file)
    name = likely_mapping(sample.layout.head)
    if name is not None:
        guess = f"These are the columns of the ready mapping {name}."
        return replace(ready_mapping(name), guesses=(guess,), source=ready_mapping(name).source or "my-system")
    return _guess(file, sample)


def _guess(file: Path, sample: Sample) -> ColumnMapping:
    guesses: list[str] = []
    columns = propose_columns(sample, guesses)
    encoding, delimiter = sample.layout.encoding, sample.layout.delimiter
    if encoding == "cp1252":
        guesses.append("The file is not UTF-8; its encoding is guessed.")
    mapping = ColumnMapping(
        columns,
        source=file.stem.rstrip("-_.0123456789 ") or "my-system",
        encoding=encoding if encoding == "cp1252" else None,
        delimiter=None if delimiter == "," else delimiter,
        title_rows=sample.layout.head_line - 1 or None,
        categories=Codes(make_codes=True),
        channels=_channels(sample, columns),
    )
    guesses.append("The source is guessed from the file's name: give each export of one system the same name.")
    times = [
        text for role in ("time", "closed", "target") if role in columns for text in sample.texts(columns[role][0])
    ]
    mapping = replace(mapping, forms=propose_forms(times, guesses))
    mapping = _with_ids(_with_place(_with_status(mapping, sample, guesses), sample, guesses), sample, guesses)
    return replace(mapping, guesses=tuple(guesses))


def _channels(sample: Sample, columns: Columns) -> Codes:
    if "channel" not in columns:
        return Codes()
    texts = sorted(set(sample.texts(columns["channel"][0])))[:MAX_STATUS_WORDS]
    codes = {text: code for text in texts if (code := _channel(text))}
    return Codes(codes, default="import")


def _channel(text: str) -> str | None:
    words = text.casefold()
    return next((code for code, parts in CHANNEL_WORDS.items() if any(part in words for part in parts)), None)


def _with_status(mapping: ColumnMapping, sample: Sample, guesses: list[str]) -> ColumnMapping:
    if "status" not in mapping.columns:
        return mapping
    words = sorted(set(sample.texts(mapping.columns["status"][0])))
    closed = tuple(word for word in words if CLOSED_WORD.search(word) and len(words) <= MAX_STATUS_WORDS)
    if not closed:
        return replace(mapping, columns={role: names for role, names in mapping.columns.items() if role != "status"})
    guesses.append(f"These words of the status mean closed: {', '.join(closed)}.")
    return replace(mapping, closed_words=closed, closed_without_time="opening")


def _with_place(mapping: ColumnMapping, sample: Sample, guesses: list[str]) -> ColumnMapping:
    """Note a decimal comma, and numbers that are no degrees."""
    if "lon" not in mapping.columns:
        if "point" not in mapping.columns:
            guesses.append("No column looks like the place: records without a place go to a person.")
        return mapping
    texts = [text for role in ("lon", "lat") for text in sample.texts(mapping.columns[role][0])]
    if any("," in text for text in texts):
        mapping = replace(mapping, decimal=",")
    digits = [re.split(r"[.,]", text.lstrip("-+"))[0] for text in texts]
    if any(len(whole) > 3 for whole in digits):
        guesses.append('The places are no degrees: add their projection, such as projection = "EPSG:26910".')
    return mapping


def _with_ids(mapping: ColumnMapping, sample: Sample, guesses: list[str]) -> ColumnMapping:
    """Check that ids are unique; else make them from all columns that do not change when the city works on it."""
    ids = sample.texts(mapping.columns["id"][0]) if "id" in mapping.columns else []
    if ids and len(set(ids)) == len(ids) == len(sample.rows):
        return mapping
    changing = {name for role in ("closed", "target", "updated", "status") for name in mapping.columns.get(role, ())}
    names = [name for name in dict.fromkeys(sample.layout.head) if name and name not in changing]
    if "id" in mapping.columns and len(set(ids)) == len(ids):
        guesses.append("Some rows have no id; ids are made from other columns for them.")
        return replace(mapping, id_from=tuple(name for name in names if name != mapping.columns["id"][0]))
    columns = {role: text for role, text in mapping.columns.items() if role != "id"}
    guesses.append("No column has a unique id: ids are made from other columns, so a changed cell makes a new record.")
    return replace(mapping, columns=columns, id_from=tuple(names))
