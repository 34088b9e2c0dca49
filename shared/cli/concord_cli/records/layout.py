"""The layout of a records file: encoding, separator, title rows, and the names of the columns."""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import IO

from concord_cli.records.csv_rows import Row, csv_rows
from concord_cli.records.encoding import KEEP_BYTES, SAMPLE_BYTES, encoding_of
from concord_cli.records.mapping import ColumnMapping
from concord_cli.records.rows import InvalidRecords, Note, OnNote, ignore

DELIMITERS = (",", ";", "\t", "|")
NAMES = {",": "','", ";": "';'", "\t": "tabs", "|": "'|'"}
MAX_TITLE_LINES = 20
_SEP_LINE = re.compile(r"""["']?sep=(.)["']?[\s,;]*""", re.IGNORECASE)
_IGNORED = re.compile(r"[\s_\-]+")


@dataclass(frozen=True)
class Layout:
    """`head` has the names of the columns, from line `head_line`."""

    encoding: str
    delimiter: str
    head_line: int
    head: tuple[str, ...]


@contextmanager
def opened(file: Path, encoding: str) -> Iterator[IO[str]]:
    """Open the file. Bytes that are no text become lone surrogates, so that only their row has a fault.

    Raises InvalidRecords.
    """
    try:
        with file.open(encoding=encoding, newline="", errors=KEEP_BYTES) as lines:
            yield lines
    except OSError as error:
        raise InvalidRecords(f"{file} cannot be read: {error.strerror}.") from error
    except UnicodeError as error:
        raise InvalidRecords(
            f"{file.name} is not {encoding} throughout; save it as UTF-8 or name its encoding."
        ) from error


def head_bytes(file: Path) -> bytes:
    try:
        with file.open("rb") as raw:
            return raw.read(SAMPLE_BYTES)
    except OSError as error:
        raise InvalidRecords(f"{file} cannot be read: {error.strerror}.") from error


def folded(name: str) -> str:
    """Return a column's name without case, spaces and underscores, by which two spellings are the same column."""
    return _IGNORED.sub("", name.casefold())


def find_layout(file: Path, mapping: ColumnMapping, on_note: OnNote = ignore) -> Layout:
    """Find the head of the file: the line with most of the mapping's columns. Raises InvalidRecords."""
    wanted = {folded(name) for names in _all_names(mapping) for name in names}

    def score(cells: Sequence[str]) -> float:
        return len(wanted & {folded(cell) for cell in cells})

    return detect(file, mapping, score, on_note)


def _all_names(mapping: ColumnMapping) -> list[tuple[str, ...]]:
    return [*mapping.columns.values(), mapping.id_from, mapping.time_parts]


def detect(
    file: Path, mapping: ColumnMapping, score: Callable[[Sequence[str]], float], on_note: OnNote = ignore
) -> Layout:
    """Return the layout whose head has the best score.

    If scores are equal, the separator that the mapping or the file names counts, then the first line, then the most
    columns.
    Raises InvalidRecords.
    """
    if file.exists() and not file.is_file():
        raise InvalidRecords(f"{file} is no plain file, but it is read more than once; save it first.")
    encoding = mapping.encoding or encoding_of(file.name, head_bytes(file))
    with opened(file, encoding) as lines:
        sample = list(islice(lines, MAX_TITLE_LINES + 1))
    sep = _SEP_LINE.fullmatch(sample[0].strip("\ufeff\r\n")) if sample else None
    first = mapping.delimiter or (sep.group(1) if sep else "")
    rows = [
        (delimiter, row)
        for delimiter in dict.fromkeys((first or ",", *DELIMITERS))
        for row in csv_rows(sample, delimiter, mapping.quote_escape)
        if row.line > max(mapping.title_rows or 0, bool(sep))
    ]
    heads = [
        ((score(row.cells), delimiter == first, -row.line, len(row.cells)), delimiter, row)
        for delimiter, row in rows
        if not row.fault
    ]
    rank, delimiter, head = max(heads, key=lambda each: each[0], default=((0,), first or ",", Row(1, [])))
    if not rank[0] and (faults := [row for _, row in rows if row.fault]):
        raise InvalidRecords(f"{file.name} line {faults[0].line}: {faults[0].fault}.")
    layout = Layout(encoding, delimiter, head.line, tuple(cell.strip().strip("\ufeff") for cell in head.cells))
    _tell(layout, sep.group(1) if sep else "", mapping, on_note)
    return layout


def _tell(layout: Layout, sep: str, mapping: ColumnMapping, on_note: OnNote) -> None:
    if layout.head_line > 1 + bool(sep):
        on_note(Note(None, None, f"the head is in line {layout.head_line}; the lines before it are passed over"))
    if layout.delimiter not in (mapping.delimiter or ",", sep):
        on_note(Note(None, None, f"the cells are separated by {NAMES.get(layout.delimiter, layout.delimiter)}"))
