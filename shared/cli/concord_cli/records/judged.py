"""A records file judged as a whole: its records, its refused rows, and what the reader decided."""

import csv
import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from concord_cli.common.errors import UsageError
from concord_cli.common.record_spool import RecordSpool
from concord_cli.common.records import Record
from concord_cli.records.reader import RecordsFile
from concord_cli.records.rows import Note, RefusedRow

EXTRA_COLUMNS = ("concord_line", "concord_reason")
"""Columns of a file of refused rows, after those of the original."""


@dataclass
class Judged:
    """`rows` counts the rows that are neither empty nor the same as one before. `source` is that of the mapping.

    `categories` counts the records by category.
    """

    records: RecordSpool = field(default_factory=RecordSpool)
    categories: Counter[str] = field(default_factory=Counter)
    refused: list[RefusedRow] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    unmapped: Mapping[str, int] = field(default_factory=dict)
    source: str | None = None

    @property
    def rows(self) -> int:
        return len(self.records) + len(self.refused)


def judge_file(file: RecordsFile) -> Judged:
    """Read the whole file. Raises InvalidRecords."""
    judged = Judged(notes=list(file.notes), source=file.mapping.source)
    reading = file.reading(judged.notes.append)
    for row in reading:
        if isinstance(row, Record):
            judged.records.append(row)
            judged.categories[row.category] += 1
        else:
            judged.refused.append(row)
    judged.unmapped = reading.unmapped
    return judged


def write_refused(target: Path, file: RecordsFile, judged: Judged, by_intake: Mapping[str, str]) -> int:
    """Write the refused rows with their original cells, line and reason. Return their number.

    `by_intake` has the reasons of intake by record id. The file has the original's head, separator, title rows,
    encoding and quotes. So you can correct it and import it with the same mapping. Raises UsageError if it cannot be
    written.
    """
    count = 0
    try:
        encoding = file.mapping.encoding or "utf-8"
        with open(target, "w", encoding=encoding, newline="", errors="replace", opener=_for_its_owner) as out:
            out.write("\n" * (file.mapping.title_rows or 0))
            writer = csv.writer(out, delimiter=file.layout.delimiter, lineterminator="\n", **_quoting(file))
            writer.writerow([*file.layout.head, *EXTRA_COLUMNS])
            for line, cells, reason in _all_refused(file, judged, by_intake):
                width = len(file.layout.head)
                writer.writerow([*cells[:width], *[""] * (width - len(cells)), line, reason])
                count += 1
    except OSError as error:
        raise UsageError(f"{target} cannot be written: {error.strerror}.") from error
    return count


def _quoting(file: RecordsFile) -> dict[str, Any]:
    escape = file.mapping.quote_escape
    return {"doublequote": False, "escapechar": escape} if escape else {}


def _for_its_owner(path: str, flags: int) -> int:
    """Open a file that only its owner can read: the original cells may be personal."""
    descriptor = os.open(path, flags, 0o600)
    os.fchmod(descriptor, 0o600)  # an older file may have another mode
    return descriptor


def _all_refused(
    file: RecordsFile, judged: Judged, by_intake: Mapping[str, str]
) -> Iterator[tuple[int, tuple[str, ...], str]]:
    rows = [(row.line, row.cells, row.reason) for row in judged.refused]
    if by_intake:
        reading = file.reading()
        rows += [
            (reading.row.line, tuple(reading.row.cells), by_intake[record.id])
            for record in reading
            if isinstance(record, Record) and record.id in by_intake
        ]
    yield from sorted(rows)
