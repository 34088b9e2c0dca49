"""Line numbers of values in a file, for findings.

`tomllib` and `json` check the text and return the values. The scanners in this module only find the lines, and they
assume valid text.
"""

import json
import re
from bisect import bisect_right

Path = tuple[str | int, ...]
SPACE = re.compile(r"(?:[ \t\r\n]|#[^\n]*)*")
BLANK = re.compile(r"[ \t]*")
BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
SCALAR = re.compile(r"[^,\]}\n#]*")
TEXT = re.compile(r'"""(?:\\.|[^\\])*?"""+|\'\'\'.*?\'\'\'+|"(?:\\.|[^"\\])*"|\'[^\']*\'', re.DOTALL)
JSON_SPACE = re.compile(r"[ \t\r\n]*")


class SourceLines:
    """Lines by path: ("rule", 2, "areas", 0) is the first area of the third rule."""

    def __init__(self, lines: dict[Path, int]) -> None:
        self._lines = lines

    def line(self, path: Path) -> int | None:
        """Return the line (from 1) of the path, or else of the nearest value around it."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._lines:
                return self._lines[path[:length]]
        return None


class LineIndex:
    """Line numbers (from 1) by position in a text."""

    def __init__(self, text: str) -> None:
        self._starts = [0, *(match.end() for match in re.finditer("\n", text))]

    def line(self, position: int) -> int:
        return bisect_right(self._starts, position)


def toml_lines(text: str) -> SourceLines:
    """Return the lines of every table, key and array element of valid TOML."""
    return SourceLines(_Toml(text).document())


class _Toml:
    def __init__(self, text: str) -> None:
        self._text = text
        self._at = 0
        self._index = LineIndex(text)
        self._lines: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}

    def document(self) -> dict[Path, int]:
        table: Path = ()
        self._skip(SPACE)
        while self._at < len(self._text):
            if self._text[self._at] == "[":
                table = self._header()
            else:
                self._pair(table)
            self._skip(SPACE)
        return self._lines

    def _skip(self, pattern: re.Pattern[str]) -> str:
        match = pattern.match(self._text, self._at)
        self._at = match.end() if match else self._at
        return match.group() if match else ""

    def _note(self, path: Path, position: int) -> None:
        self._lines.setdefault(path, self._index.line(position))

    def _header(self) -> Path:
        start, many = self._at, self._text.startswith("[[", self._at)
        self._at += 2 if many else 1
        keys = self._keys()
        self._at += 2 if many else 1
        path: Path = ()
        for number, key in enumerate(keys):
            path = (*path, key)
            if many and number == len(keys) - 1:
                self._note(path, start)
                self._counts[path] = self._counts.get(path, 0) + 1
            if path in self._counts:
                path = (*path, self._counts[path] - 1)
        self._note(path, start)
        return path

    def _keys(self) -> list[str]:
        """Read a dotted key, up to the character after it."""
        keys = []
        while True:
            self._skip(BLANK)
            raw = self._skip(TEXT) or self._skip(BARE_KEY)
            keys.append(raw[1:-1] if raw[:1] in ("'", '"') else raw)
            self._skip(BLANK)
            if self._text[self._at] != ".":
                return keys
            self._at += 1

    def _pair(self, table: Path) -> None:
        start, path = self._at, table
        for key in self._keys():
            path = (*path, key)
            self._note(path, start)
        self._at += 1
        self._skip(BLANK)
        self._value(path)

    def _value(self, path: Path) -> None:
        self._note(path, self._at)
        if self._text[self._at] == "[":
            self._items(path, "]")
        elif self._text[self._at] == "{":
            self._items(path, "}")
        elif not self._skip(TEXT):
            self._skip(SCALAR)

    def _items(self, path: Path, end: str) -> None:
        """Read the elements of an array or the pairs of an inline table."""
        self._at += 1
        number = 0
        while True:
            self._skip(SPACE)
            if self._text[self._at] == end:
                self._at += 1
                return
            if end == "]":
                self._value((*path, number))
            else:
                self._pair(path)
            number += 1
            self._skip(SPACE)
            if self._text[self._at] == ",":
                self._at += 1


def feature_lines(text: str) -> list[int]:
    """Return the first line of each feature of valid GeoJSON text, in order."""
    decoder = json.JSONDecoder()
    at = _after(text, text.index("{") + 1)
    while text[at] != "}":
        key, at = decoder.raw_decode(text, at)
        at = _after(text, _after(text, at) + 1)
        if key == "features" and text[at] == "[":
            return element_lines(text, at)
        _, at = decoder.raw_decode(text, at)
        at = _after(text, at)
        at = _after(text, at + 1) if text[at] == "," else at
    return []


def element_lines(text: str, at: int) -> list[int]:
    """Return the first line of each element of the valid JSON array that begins at the position `at`."""
    decoder, index = json.JSONDecoder(), LineIndex(text)
    lines: list[int] = []
    at = _after(text, at + 1)
    while text[at] != "]":
        lines.append(index.line(at))
        _, at = decoder.raw_decode(text, at)
        at = _after(text, at)
        at = _after(text, at + 1) if text[at] == "," else at
    return lines


def _after(text: str, at: int) -> int:
    match = JSON_SPACE.match(text, at)
    return match.end() if match else at
