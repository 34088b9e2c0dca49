"""Records in a temporary file, so that memory stays flat however many they are."""

import marshal
import os
import tempfile
import weakref
from array import array
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from concord_cli.common.errors import UsageError
from concord_cli.common.records import Record

FRAME = 256
"""Records of one write, and of one read: so many are in memory at a time."""


class RecordSpool:
    """Records in the order of `append`. The file has no name, so it ends with the process.

    Append all of them first. Then any number of threads can iterate at once, each as often as it needs.
    """

    def __init__(self) -> None:
        self._last: list[tuple[Any, ...]] = []
        self._ends = array("q", [0])
        self._file: Any = None

    def __len__(self) -> int:
        return (len(self._ends) - 1) * FRAME + len(self._last)

    def __iter__(self) -> Iterator[Record]:
        for begin, end in pairwise(self._ends):
            yield from map(Record._make, marshal.loads(os.pread(self._file.fileno(), end - begin, begin)))
        yield from map(Record._make, self._last)

    def append(self, record: Record) -> None:
        """Raises UsageError if the disk of the temporary file is full."""
        self._last.append(tuple(record))
        if len(self._last) == FRAME:
            self._write(marshal.dumps(self._last))
            self._last = []

    def _write(self, frame: bytes) -> None:
        try:
            if self._file is None:
                self._file = tempfile.TemporaryFile()  # noqa: SIM115  it closes with the spool
                weakref.finalize(self, self._file.close)
            self._file.write(frame)
            self._file.flush()
        except OSError as error:
            where = f"{tempfile.gettempdir()} cannot hold the records: {error.strerror}"
            raise UsageError(f"{where}. Set TMPDIR to a folder with more space.") from error
        self._ends.append(self._ends[-1] + len(frame))
