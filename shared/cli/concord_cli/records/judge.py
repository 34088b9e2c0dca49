"""Judges the rows of one file: each is a record, a refusal with all its faults, or the same as one before."""

from collections import Counter
from datetime import datetime, timedelta

from concord_cli.common.records import Record
from concord_cli.records.csv_rows import ENCODING_FAULT, Row
from concord_cli.records.ids import Ids, Seen
from concord_cli.records.layout import Layout
from concord_cli.records.moments import Moment
from concord_cli.records.reading_rules import Rules
from concord_cli.records.row_reading import RowReading
from concord_cli.records.rows import Fault, Note, OnNote, RefusedRow

EARLY = timedelta(days=1)
"""A closing time that is so much earlier than the opening time is said."""


class Judge:
    """It remembers the ids, so one judge takes each row once.

    `unmapped` counts the texts of categories that have no code.
    """

    def __init__(self, file: str, layout: Layout, rules: Rules, on_note: OnNote) -> None:
        self._file, self._head, self._rules, self._on_note = file, list(layout.head), rules, on_note
        self._width = len(layout.head)
        self._encoding = rules.mapping.encoding
        self._ids, self._made = Ids(), Counter[bytes]()
        self.unmapped: Counter[str] = Counter()

    def judge(self, number: int, row: Row) -> Record | RefusedRow | None:
        """Return the record or the refusal; None for a row that counts already, and for the head again.

        `number` is the record's, from 1.
        """
        if row.cells[0].strip() == self._head[0] and [cell.strip() for cell in row.cells] == self._head:
            self._on_note(Note(row.line, None, "the head comes again; this line is passed over"))
            return None
        if fault := row.fault or self._fault_of_width(row.cells):
            return self._refused(row, [Fault(None, self._in_encoding(fault))])
        reading = RowReading(self._rules, row)
        record = self._record(number, reading)
        seen = Seen.NEW if reading.faults else self._ids.seen(record.id, reading.cells, row.line)
        if seen is Seen.OTHER_ROW:
            line = self._ids.line(record.id)
            reading.fault("id", f"'{record.id}' is already in line {line} with other content; ids must be unique")
        if reading.faults:
            return self._refused(row, reading.faults)
        if seen is Seen.SAME_ROW:
            self._on_note(Note(row.line, None, f"the same as line {self._ids.line(record.id)}; it counts once"))
            return None
        for note in reading.notes:
            self._on_note(note)
        return record

    def _record(self, number: int, reading: RowReading) -> Record:
        record_id, category = reading.id(self._made), reading.category(self.unmapped)
        opened = reading.opened()
        closed, target = reading.closed(opened), reading.time("target")
        if opened is None and (closed or target) and not reading.faults:
            reading.fault("time", "must not be empty, because the record has a closing time or a target")
        began = opened.first.isoformat() if opened else None
        is_exact = opened is not None and opened.precision == "second"
        return Record(
            number,
            record_id,
            category,
            reading.text(),
            began if is_exact else None,
            reading.point(),
            reading.area(),
            reading.channel(),
            _not_before(opened, target.last if target else None),
            self._closing(reading, opened, closed),
            None if is_exact else began,
        )

    def _closing(self, reading: RowReading, opened: Moment | None, closed: datetime | None) -> str | None:
        if opened and closed and closed < opened.first and opened.first - closed > EARLY:
            reading.note("closed", f"{closed.isoformat()} is before the opening; the record counts as closed at once")
        return _not_before(opened, closed)

    def _refused(self, row: Row, faults: list[Fault]) -> RefusedRow:
        return RefusedRow(self._file, row.line, tuple(row.cells), tuple(faults))

    def _in_encoding(self, fault: str) -> str:
        if fault is ENCODING_FAULT and self._encoding:
            return f"it has bytes that are no text in {self._encoding}; name another encoding in columns.toml"
        return fault

    def _fault_of_width(self, cells: list[str]) -> str | None:
        if len(cells) == self._width or (len(cells) > self._width and not any(map(str.strip, cells[self._width :]))):
            return None
        return f"the row has {len(cells)} cells, but the head has {self._width}"


def _not_before(opened: Moment | None, time: datetime | None) -> str | None:
    """Return `time`, or the opening if that is later: some files have closing times some seconds too early."""
    if time is None or opened is None:
        return None
    return max(time, opened.first).isoformat()
