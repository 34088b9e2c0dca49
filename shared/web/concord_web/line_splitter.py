"""A splitter of a streamed body into lines of bounded length, with one line in memory at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from concord_web.problem import Problem


class LongLine(Problem):
    """A line above the limit. The splitter yields it in place of the line: report it and go on, or raise it."""

    def __init__(self, line: int, limit: int) -> None:
        detail = f"Line {line} is longer than {limit} bytes."
        super().__init__(413, detail=detail, errors=[{"field": f"line {line}", "detail": detail}])
        self.line = line
        self.limit = limit


def split_lines(pieces: Iterable[bytes], limit: int) -> Iterator[bytes | LongLine]:
    """Yield each line without its end. The last line needs no newline; the first line has number 1."""
    number = 0
    rest = bytearray()
    skipping = False
    for piece in pieces:
        start = 0
        while (end := piece.find(b"\n", start)) >= 0:
            number += 1
            if skipping or len(rest) + end - start > limit:
                yield LongLine(number, limit)
            else:
                yield (bytes(rest) + piece[start:end]).removesuffix(b"\r")
            rest.clear()
            skipping = False
            start = end + 1
        skipping = skipping or len(rest) + len(piece) - start > limit
        if skipping:
            rest.clear()
        else:
            rest += piece[start:]
    if skipping:
        yield LongLine(number + 1, limit)
    elif rest:
        yield bytes(rest).removesuffix(b"\r")
