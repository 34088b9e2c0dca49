"""Rows of a CSV file, each judged by itself: a broken row does not take the rows after it along."""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

MAX_LINES = 200
"""Lines of one row. A row with more has a quote that nobody closed."""
_UNDECODABLE = re.compile("[\ud800-\udfff]")
ENCODING_FAULT = 'not UTF-8; save the file as UTF-8, or name its encoding in columns.toml: encoding = "cp1252"'


class Row(NamedTuple):
    """`line` is the first line of the row, from 1. With a `fault` the only cell is the text of that line."""

    line: int
    cells: list[str]
    fault: str | None = None


class _TooManyLines(Exception):
    """A cell that spans more than MAX_LINES."""


class _Lines:
    """Lines for csv.reader. It remembers those of the current row, so that they can come again."""

    def __init__(self, lines: Iterable[str], first: int) -> None:
        self._lines = iter(lines)
        self._again: deque[str] = deque()
        self.taken: list[str] = []
        self.number = first - 1

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._again.popleft() if self._again else next(self._lines)
        if len(self.taken) >= MAX_LINES:
            self._again.appendleft(line)
            raise _TooManyLines
        self.taken.append(line)
        return line

    def begin_row(self) -> int:
        """Forget the lines of the last row, and return the number of the next line."""
        self.number += len(self.taken)
        self.taken.clear()
        return self.number + 1

    def keep_first(self) -> str:
        """Return the first line of the current row; the others come again."""
        first, *others = self.taken
        self._again.extendleft(reversed(others))
        del self.taken[1:]
        return first


def csv_rows(lines: Iterable[str], delimiter: str, escape: str | None = None, first: int = 1) -> Iterator[Row]:
    """Yield every row that is not empty. `first` is the number of the first line."""
    source = _Lines(lines, first)
    options: dict[str, Any] = {"delimiter": delimiter, "escapechar": escape, "skipinitialspace": True, "strict": True}
    reader = csv.reader(source, **options)
    while True:
        line = source.begin_row()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (csv.Error, _TooManyLines) as error:
            text = source.keep_first().rstrip("\r\n")
            yield Row(line, [text], f"not valid CSV: {_explained(error, text)}")
            reader = csv.reader(source, **options)
            continue
        if not any(map(str.strip, cells)):
            continue
        yield Row(line, cells, _undecodable(source.taken))


def _undecodable(lines: list[str]) -> str | None:
    text = lines[0] if len(lines) == 1 else "".join(lines)
    return ENCODING_FAULT if not text.isascii() and _UNDECODABLE.search(text) else None


def _explained(error: Exception, text: str) -> str:
    if '\\"' in text:
        return (
            'it has \\" inside a cell, but CSV doubles quotes: write "" for each, '
            'or set quote_escape = "\\\\" in [file] of columns.toml'
        )
    if isinstance(error, _TooManyLines) or "unexpected end" in str(error):
        return "a cell begins with a quote that no quote ends; add the quote, or double it if it belongs to the text"
    if "field larger" in str(error):
        return "a cell is too long; shorten it, or close the quote that it begins with"
    return "a quote inside a cell must be doubled, and the cell quoted"
