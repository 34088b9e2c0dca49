"""Concerns from another system in a CSV file, one in each row."""

import csv
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from concord_cli.common.errors import UsageError
from concord_contracts.fields import NoOffset, read_instant
from concord_contracts.messages.intake import CHANNELS, DESCRIPTION_LIMIT
from concord_i18n.languages import supported_languages

REQUIRED = ("n_id", "n_category", "n_text", "n_time", "n_lon", "n_lat", "n_area")
CONTACT_EVERY = 5
LANGUAGES = supported_languages()
_COARSE_TIME = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


class InvalidRecords(UsageError):
    """A fault in the file; the text names line and column."""


@dataclass(frozen=True, slots=True)
class Record:
    """One concern. `number` counts records from 1; `point` is (longitude, latitude) in WGS 84 degrees.

    `occurred_at` is None when the file has only the day. `area` is the one that the city itself recorded.
    `promised_by` is the city's own target and `closed_at` its closing time, None when the file lacks them.
    """

    number: int
    id: str
    category: str
    text: str
    occurred_at: str | None
    point: tuple[float, float] | None
    area: str | None
    channel: str
    promised_by: str | None = None
    closed_at: str | None = None


def read_records(file: Path) -> list[Record]:
    """Return all records of a CSV file in UTF-8 whose first line names the columns. Raises InvalidRecords."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            return list(_records(file.name, opened))
    except OSError as error:
        raise InvalidRecords(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise InvalidRecords(f"{file.name} line {line}: not UTF-8; save the file as UTF-8.") from error


def _records(name: str, lines: Any) -> Iterator[Record]:
    reader = csv.DictReader(lines, strict=True)
    seen: dict[str, int] = {}
    try:
        _check_columns(name, reader.fieldnames or ())
        for number, row in enumerate(reader, start=1):
            cells = _Cells(name, reader.line_num, row)
            record = _record(number, cells)
            if record.id in seen:
                cells.fail("n_id", f"'{record.id}' is already in line {seen[record.id]}; ids must be unique")
            seen[record.id] = cells.line
            yield record
    except csv.Error as error:
        raise InvalidRecords(f"{name} line {reader.reader.line_num}: not valid CSV: {error}.") from error


def _check_columns(name: str, columns: Any) -> None:
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        present = ", ".join(columns) or "no columns"
        raise InvalidRecords(f"{name} line 1: the column {missing[0]} is missing (found: {present}).")


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of one row, with file name and line for errors."""

    name: str
    line: int
    row: Mapping[Any, Any]

    def text(self, column: str) -> str:
        return (self.row.get(column) or "").strip()

    def required(self, column: str) -> str:
        return self.text(column) or self.fail(column, "must not be empty")

    def fail(self, column: str, fault: str) -> Any:
        raise InvalidRecords(f"{self.name} line {self.line}, column {column}: {fault}.")


def _record(number: int, cells: _Cells) -> Record:
    if None in cells.row or None in cells.row.values():
        raise InvalidRecords(f"{cells.name} line {cells.line}: the number of cells differs from line 1.")
    category = cells.required("n_category")
    opened = _time(cells, "n_time")
    return Record(
        number,
        cells.required("n_id"),
        category,
        _description(cells) or category,
        opened,
        _point(cells),
        cells.text("n_area") or None,
        _channel(cells),
        _not_before(opened, _time(cells, "n_target")),
        _not_before(opened, _time(cells, "n_closed")),
    )


def _description(cells: _Cells) -> str:
    text = cells.text("n_text")
    if len(text) > DESCRIPTION_LIMIT:
        cells.fail("n_text", f"has {len(text)} characters; the maximum is {DESCRIPTION_LIMIT}")
    return text


def _not_before(opened: str | None, time: str | None) -> str | None:
    """Return `time`, or `opened` if that is later: some files have closing times some seconds too early."""
    if time is None or opened is None:
        return None
    return max(time, opened, key=read_instant)


def _time(cells: _Cells, column: str) -> str | None:
    text = cells.text(column)
    if not text or _COARSE_TIME.fullmatch(text):
        return None
    try:
        read_instant(text)
    except NoOffset:
        cells.fail(column, f"'{text}' lacks the offset from UTC; write it like {text}-05:00")
    except ValueError:
        cells.fail(column, f"'{text}' is not a time; write it like 2015-01-01T10:56:16-05:00")
    return text


def _point(cells: _Cells) -> tuple[float, float] | None:
    if not cells.text("n_lon") and not cells.text("n_lat"):
        return None
    return _degrees(cells, "n_lon", 180), _degrees(cells, "n_lat", 90)


def _degrees(cells: _Cells, column: str, limit: int) -> float:
    text = cells.required(column)
    try:
        degrees = float(text)
    except ValueError:
        degrees = math.nan
    if not abs(degrees) <= limit:
        cells.fail(column, f"'{text}' is not within -{limit} to {limit} degrees")
    return degrees


def _channel(cells: _Cells) -> str:
    channel = cells.text("n_channel") or "import"
    if channel not in CHANNELS:
        cells.fail("n_channel", f"'{channel}' is not a channel; use one of {', '.join(CHANNELS)}")
    return channel


def line_of(record: Record, *, example_contacts: bool, history: bool = False) -> dict[str, Any]:
    """Return the record as a line of intake's batch. A record without a point gets none, so a person routes it.

    With `history` the line keeps the record's own times; else it counts as reported now. With `example_contacts` every
    fifth gets an invented contact, in the supported languages by turns.
    """
    line: dict[str, Any] = {
        "id": record.id,
        "category": record.category,
        "description": record.text,
        "channel": record.channel,
    }
    if record.occurred_at:
        line["occurred_at"] = record.occurred_at
        line |= _history(record) if history else {}
    if record.point:
        line["point"] = {"lon": record.point[0], "lat": record.point[1]}
    if example_contacts and record.number % CONTACT_EVERY == 0:
        language = LANGUAGES[record.number // CONTACT_EVERY % len(LANGUAGES)]
        line["contact"] = {"email": f"resident-{record.number}@example.org", "language": language}
    return line


def _history(record: Record) -> dict[str, str]:
    times = {"reported_at": record.occurred_at, "promised_by": record.promised_by, "closed_at": record.closed_at}
    return {name: time for name, time in times.items() if time}
