"""A file of records: concerns that a city has from elsewhere, one a row, to be taken in once."""

import csv
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from concord_contracts.messages.intake import CHANNELS, DESCRIPTION_LIMIT
from concord_i18n.languages import supported_languages

REQUIRED = ("n_id", "n_category", "n_text", "n_time", "n_lon", "n_lat", "n_area")
CONTACT_EVERY = 5
LANGUAGES = supported_languages()
_COARSE_TIME = re.compile(r"\d{4}(-\d\d(-\d\d)?)?")


class RecordsWrong(ValueError):
    """The file cannot be taken in; the text names line and column."""


@dataclass(frozen=True, slots=True)
class Record:
    """One concern. `number` counts records from 1; `point` is (longitude, latitude) in WGS 84 degrees.

    `occurred_at` is None when the file tells no more than the day. `area` is the one the city itself recorded.
    `promised_by` and `closed_at` are what the city itself had promised and when it was done, None where not told.
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
    """All records of a CSV file in UTF-8 whose first line names the columns. Raises RecordsWrong."""
    try:
        with file.open(encoding="utf-8-sig", newline="") as opened:
            return list(_records(file.name, opened))
    except OSError as error:
        raise RecordsWrong(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        line = file.read_bytes()[: error.start].count(b"\n") + 1
        raise RecordsWrong(f"{file.name} line {line}: not UTF-8; save the file as UTF-8.") from error


def _records(name: str, lines: Any) -> Iterator[Record]:
    reader = csv.DictReader(lines, strict=True)
    seen: dict[str, int] = {}
    try:
        _check_columns(name, reader.fieldnames or ())
        for number, row in enumerate(reader, start=1):
            cells = _Cells(name, reader.line_num, row)
            record = _record(number, cells)
            if record.id in seen:
                cells.wrong("n_id", f"'{record.id}' stands in line {seen[record.id]} already; ids must be unique")
            seen[record.id] = cells.line
            yield record
    except csv.Error as error:
        raise RecordsWrong(f"{name} line {reader.reader.line_num}: not valid CSV: {error}.") from error


def _check_columns(name: str, columns: Any) -> None:
    missing = [each for each in REQUIRED if each not in columns]
    if missing:
        found = ", ".join(columns) or "nothing"
        raise RecordsWrong(f"{name} line 1: the column {missing[0]} is missing (found: {found}).")


@dataclass(frozen=True, slots=True)
class _Cells:
    """The cells of one row, and where it stands."""

    name: str
    line: int
    row: Mapping[Any, Any]

    def text(self, column: str) -> str:
        return (self.row.get(column) or "").strip()

    def needed(self, column: str) -> str:
        return self.text(column) or self.wrong(column, "must not be empty")

    def wrong(self, column: str, what: str) -> Any:
        raise RecordsWrong(f"{self.name} line {self.line}, column {column}: {what}.")


def _record(number: int, cells: _Cells) -> Record:
    if None in cells.row or None in cells.row.values():
        raise RecordsWrong(f"{cells.name} line {cells.line}: has not as many cells as line 1 has columns.")
    category = cells.needed("n_category")
    opened = _moment(cells, "n_time")
    return Record(
        number,
        cells.needed("n_id"),
        category,
        _words(cells) or category,
        opened,
        _point(cells),
        cells.text("n_area") or None,
        _channel(cells),
        _later(_moment(cells, "n_target"), opened),
        _later(_moment(cells, "n_closed"), opened),
    )


def _words(cells: _Cells) -> str:
    words = cells.text("n_text")
    if len(words) > DESCRIPTION_LIMIT:
        cells.wrong("n_text", f"has {len(words)} characters; at most {DESCRIPTION_LIMIT} are taken")
    return words


def _later(moment: str | None, opened: str | None) -> str | None:
    """Not before the opening: some files have closing times that are some seconds too early."""
    if moment is None or opened is None:
        return None
    return max(moment, opened, key=datetime.fromisoformat)


def _moment(cells: _Cells, column: str) -> str | None:
    given = cells.text(column)
    if not given or _COARSE_TIME.fullmatch(given):
        return None
    try:
        moment = datetime.fromisoformat(given)
    except ValueError:
        cells.wrong(column, f"'{given}' is no time; write it like 2015-01-01T10:56:16-05:00")
    else:
        if moment.tzinfo is None:
            cells.wrong(column, f"'{given}' lacks the offset from UTC; write it like {given}-05:00")
    return given


def _point(cells: _Cells) -> tuple[float, float] | None:
    if not cells.text("n_lon") and not cells.text("n_lat"):
        return None
    return _degrees(cells, "n_lon", 180), _degrees(cells, "n_lat", 90)


def _degrees(cells: _Cells, column: str, limit: int) -> float:
    given = cells.needed(column)
    try:
        degrees = float(given)
    except ValueError:
        degrees = math.nan
    if not abs(degrees) <= limit:
        cells.wrong(column, f"'{given}' is not within -{limit} to {limit} degrees")
    return degrees


def _channel(cells: _Cells) -> str:
    channel = cells.text("n_channel") or "import"
    if channel not in CHANNELS:
        cells.wrong("n_channel", f"'{channel}' is no channel; use one of {', '.join(CHANNELS)}")
    return channel


def line_of(record: Record, *, example_contacts: bool, history: bool = False) -> dict[str, Any]:
    """The record as a line of intake's batch. A record without a place says none, and ends with a person's task.

    With `history` it keeps its own times; else it counts as reported now. With `example_contacts` every fifth gets an
    invented contact, in the supported languages by turns.
    """
    line: dict[str, Any] = {
        "id": record.id,
        "category": record.category,
        "description": record.text,
        "channel": record.channel,
    }
    if record.occurred_at:
        line["occurred_at"] = record.occurred_at
        line |= _past(record) if history else {}
    if record.point:
        line["point"] = {"lon": record.point[0], "lat": record.point[1]}
    if example_contacts and record.number % CONTACT_EVERY == 0:
        language = LANGUAGES[record.number // CONTACT_EVERY % len(LANGUAGES)]
        line["contact"] = {"email": f"resident-{record.number}@example.org", "language": language}
    return line


def _past(record: Record) -> dict[str, str]:
    past = {"reported_at": record.occurred_at, "promised_by": record.promised_by, "closed_at": record.closed_at}
    return {name: moment for name, moment in past.items() if moment}
