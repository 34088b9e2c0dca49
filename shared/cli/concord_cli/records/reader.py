"""Reads a records file row by row, in flat memory but for the ids."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, tzinfo
from itertools import islice
from pathlib import Path
from zoneinfo import ZoneInfo

from concord_cli.common.records import Record
from concord_cli.records.columns import Columns, find_columns
from concord_cli.records.csv_rows import Row, csv_rows
from concord_cli.records.judge import Judge
from concord_cli.records.layout import Layout, find_layout, opened
from concord_cli.records.mapping import ColumnMapping
from concord_cli.records.reading_rules import Rules
from concord_cli.records.ready import likely_mapping
from concord_cli.records.rows import Note, OnNote, RefusedRow, ignore

PROPOSE = "Name the columns: `concord import --propose FILE` writes a columns.toml to begin with"


@dataclass(frozen=True)
class RecordsFile:
    """A records file with its mapping; the zone and the category codes are the city's, None if unknown.

    The constructor finds the head, and `notes` says what it decided. Each iteration reads the file anew, and yields
    records and refused rows in the order of the file. Raises InvalidRecords.
    """

    file: Path
    mapping: ColumnMapping
    zone: tzinfo | None = None
    categories: Collection[str] | None = None
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    layout: Layout = field(init=False)
    columns: Columns = field(init=False)
    notes: tuple[Note, ...] = field(init=False)

    def __post_init__(self) -> None:
        notes: list[Note] = []
        layout = find_layout(self.file, self.mapping, notes.append)
        columns = find_columns(self.file.name, layout, self.mapping, _hint(layout, self.mapping), notes.append)
        object.__setattr__(self, "notes", tuple(notes))
        object.__setattr__(self, "layout", layout)
        object.__setattr__(self, "columns", columns)

    def __iter__(self) -> Iterator[Record | RefusedRow]:
        return self.reading()

    def reading(self, on_note: OnNote = ignore) -> "Reading":
        """Begin to read the file anew. `on_note` gets what the reader decides."""
        zone = ZoneInfo(self.mapping.time_zone) if self.mapping.time_zone else self.zone
        rules = Rules.of(self.columns, self.mapping, zone, self.now, self.categories)
        return Reading(self, Judge(self.file.name, self.layout, rules, on_note))


class Reading(Iterator[Record | RefusedRow]):
    """One reading of a records file. `row` is the row of the last result, with its line and original cells."""

    def __init__(self, file: RecordsFile, judge: Judge) -> None:
        self._rows = rows_below(file.file, file.layout, file.mapping.quote_escape)
        self._judge = judge
        self._records = 0
        self.row = Row(0, [])

    @property
    def unmapped(self) -> Mapping[str, int]:
        """Counts of the texts of categories that have no code, so far."""
        return self._judge.unmapped

    def __next__(self) -> Record | RefusedRow:
        for row in self._rows:
            result = self._judge.judge(self._records + 1, row)
            if result is not None:
                self.row = row
                self._records += isinstance(result, Record)
                return result
        raise StopIteration


def rows_below(file: Path, layout: Layout, escape: str | None = None) -> Iterator[Row]:
    """Yield the rows below the head."""
    with opened(file, layout.encoding) as lines:
        below = islice(lines, layout.head_line - 1, None)
        rows = csv_rows(below, layout.delimiter, escape, first=layout.head_line)
        next(rows, None)
        yield from rows


def read_rows(
    file: Path,
    mapping: ColumnMapping,
    zone: tzinfo | None,
    *,
    categories: Collection[str] | None = None,
    on_note: OnNote = ignore,
) -> Iterator[Record | RefusedRow]:
    """Yield a record or a refusal for each row that is neither empty nor the same as one before.

    A time zone in the mapping counts more than `zone`. Raises InvalidRecords for a file that cannot be read at all.
    """
    records = RecordsFile(file, mapping, zone, categories)
    for note in records.notes:
        on_note(note)
    return records.reading(on_note)


def _hint(layout: Layout, mapping: ColumnMapping) -> str:
    name = likely_mapping(layout.head)
    if name is None or mapping.source == name:
        return PROPOSE
    return f"These are the columns of {name}: add --from {name}"
