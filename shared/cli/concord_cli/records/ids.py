"""Ids of records: which rows have one, which come twice, and made ones for a source without ids."""

import hashlib
import re
from array import array
from collections import Counter
from collections.abc import Sequence
from enum import Enum

LIMIT = 200
_SHORTENED = re.compile(r"[0-9](?:[.,][0-9]+)?E\+?[0-9]+", re.IGNORECASE)


class Seen(Enum):
    """Answer to the question if an id came before: no, in the same row, or in another row."""

    NEW, SAME_ROW, OTHER_ROW = range(3)


def fault_of_id(text: str) -> str | None:
    """Return what is wrong with an id, or None."""
    if not text:
        return "must not be empty"
    if "+" in text and _SHORTENED.fullmatch(text):
        return f"'{text}' is a number that a spreadsheet has shortened; export the file again, with this column as text"
    if len(text) > LIMIT:
        return f"has {len(text)} characters; the maximum is {LIMIT}"
    if not text.isprintable() and any(ord(character) < 32 for character in text):
        return "must be one line without control characters"
    return None


def made_id(cells: Sequence[str], counts: Counter[bytes]) -> str:
    """Return an id made of the cells. The n-th row with the same cells gets an id of its own, from the second on."""
    digest = hashlib.sha256("\0".join(cells).encode("utf-8", "surrogateescape")).digest()[:10]
    counts[digest] += 1
    return digest.hex() if counts[digest] == 1 else f"{digest.hex()}-{counts[digest]}"


class Ids:
    """The ids so far, with the line and a hash of the content: some 100 bytes each."""

    def __init__(self) -> None:
        self._index: dict[str, int] = {}
        self._lines = array("q")
        self._contents = array("q")

    def __len__(self) -> int:
        return len(self._index)

    def line(self, record_id: str) -> int:
        return self._lines[self._index[record_id]]

    def seen(self, record_id: str, content: Sequence[str], line: int) -> Seen:
        """Note the id, and return whether it came before."""
        digest = hash(tuple(content))
        at = self._index.setdefault(record_id, len(self._lines))
        if at < len(self._lines):
            return Seen.SAME_ROW if self._contents[at] == digest else Seen.OTHER_ROW
        self._lines.append(line)
        self._contents.append(digest)
        return Seen.NEW
