"""Typed reading of TOML tables. Each error becomes a finding with its file and line."""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any

from concord_city.adapters.source_lines import Path, SourceLines, toml_lines
from concord_city.domain.findings import Finding, Level

CODE = re.compile(r"[A-Za-z0-9_-]{1,64}")
KINDS = {
    str: "a text",
    bool: "true or false",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "a table",
}


@dataclass(slots=True)
class Source:
    """One file of the folder, with the findings about it."""

    file: str
    findings: list[Finding] = field(default_factory=list)
    lines: SourceLines = field(default_factory=lambda: SourceLines({}))

    def report(self, level: Level, line: int | None, message: str, remedy: str) -> None:
        self.findings.append(Finding(level, self.file, line, message, remedy))

    def error(self, path: Path, message: str, remedy: str) -> None:
        self.report("error", self.lines.line(path), message, remedy)

    def warning(self, path: Path, message: str, remedy: str) -> None:
        self.report("warning", self.lines.line(path), message, remedy)

    def failed(self) -> bool:
        return any(finding.level == "error" for finding in self.findings)


def read_bytes(folder: FilePath, source: Source, content: str) -> bytes | None:
    """Return the file's bytes. A missing or unreadable file is a finding; `content` tells the user what to add."""
    try:
        return (folder / source.file).read_bytes()
    except FileNotFoundError:
        source.error((), "the file is missing", f"add {source.file} with {content}")
    except OSError as error:
        source.error((), f"the file cannot be read: {error.strerror}", "make it a plain file with read permission")
    return None


def read_text(folder: FilePath, source: Source, content: str) -> str | None:
    """Return the file's text, without a byte order mark. A missing or unreadable file is a finding."""
    data = read_bytes(folder, source, content)
    try:
        return None if data is None else data.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        source.error((), f"the file is not UTF-8 text (byte {error.start})", "save the file as UTF-8")
    return None


def read_toml(folder: FilePath, source: Source, content: str) -> "Table | None":
    text = read_text(folder, source, content)
    if text is None:
        return None
    try:
        values = tomllib.loads(text)
        source.lines = toml_lines(text)
    except tomllib.TOMLDecodeError as error:
        match = re.search(r"at line (\d+)", str(error))
        line = int(match.group(1)) if match else text.count("\n") + 1
        source.report("error", line, f"not valid TOML: {error}", "correct the syntax at this place")
    except (RecursionError, ValueError):
        source.error(
            (), "not usable TOML: lists in lists without end, or a number with thousands of digits", "remove them"
        )
    else:
        return Table(source, (), values)
    return None


def suggestion(word: str, known: Iterable[str]) -> str:
    """Return the remedy for an unknown word."""
    choices = list(known)
    close = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    if not choices:
        return "remove it: no value exists yet"
    listed = ", ".join(choices[:12]) + (", ..." if len(choices) > 12 else "")
    return f"write one of: {listed}"


class Table:
    """A TOML table with its path in the file, and the list of its known keys."""

    def __init__(self, source: Source, path: Path, values: Mapping[str, Any]) -> None:
        self.source = source
        self.path = path
        self.values = values
        self._known: list[str] = []

    def error(self, key: str, message: str, remedy: str, *inside: str | int) -> None:
        self.source.error((*self.path, key, *inside), message, remedy)

    def done(self) -> None:
        """Report the unknown keys. Call it after reading all known ones."""
        for key in self.values:
            if key not in self._known:
                self.error(key, f"unknown key {key!r}", suggestion(key, self._known) + " (or remove it)")

    def take(self, key: str, kind: type, example: str, *, required: bool = True) -> Any:
        """Return the value of the kind (an int is a float too). Report a wrong kind or missing key and return None."""
        self._known.append(key)
        value = self.values.get(key)
        if value is None:
            if required:
                self.source.error(self.path, f"the key {key!r} is missing", f"add {example}")
            return None
        accepted = (int, float) if kind is float else kind
        if not isinstance(value, accepted) or (kind is not bool and isinstance(value, bool)):
            self.error(key, f"{key!r} must be {KINDS[kind]}", f"write {example}")
            return None
        return value

    def text(self, key: str, example: str, *, required: bool = True) -> str | None:
        value: str | None = self.take(key, str, example, required=required)
        if value is not None and not value.strip():
            self.error(key, f"{key!r} is empty", f"write {example}")
            return None
        return value

    def number(self, key: str, example: str, *, low: float, high: float, required: bool = True) -> float | None:
        value = self.take(key, float, example, required=required)
        if value is not None and not low <= value <= high:
            self.error(key, f"{key!r} is {value}, not between {low:g} and {high:g}", f"write {example}")
            return None
        return None if value is None else float(value)

    def flag(self, key: str, example: str) -> bool | None:
        value: bool | None = self.take(key, bool, example)
        return value

    def texts(self, key: str, example: str, *, required: bool = True) -> list[str] | None:
        """Return a list of texts. Report an empty list and duplicates."""
        values: list[str] | None = self.take(key, list, example, required=required)
        if values is None:
            return None
        if not values:
            self.error(key, f"{key!r} is an empty list", f"write {example}")
            return None
        for number, value in enumerate(values):
            if not isinstance(value, str) or not value.strip():
                self.error(key, f"{key!r} must contain only texts", f"write {example}", number)
                return None
            if value in values[:number]:
                self.error(key, f"{value!r} is listed twice", "remove one of them", number)
        return values

    def choices(self, key: str, known: Sequence[str], what: str, example: str) -> list[str] | None:
        """Return a list of known words, or None without the key."""
        values = self.texts(key, example, required=False)
        for number, value in enumerate(values or []):
            if value not in known:
                self.error(key, f"unknown {what} {value!r}", suggestion(value, known), number)
        return values

    def code(self, example: str) -> str | None:
        value = self.text("code", example)
        if value is not None and not CODE.fullmatch(value):
            self.error("code", f"the code {value!r} is invalid", "use 1 to 64 letters, digits, - and _ only")
            return None
        return value

    def table(self, key: str, example: str, *, required: bool = True) -> "Table | None":
        values = self.take(key, dict, example, required=required)
        return None if values is None else Table(self.source, (*self.path, key), values)

    def tables(self, key: str, *, required: bool = True) -> "list[Table]":
        """Return the array of tables [[key]]."""
        values = self.take(key, list, f"at least one [[{key}]]", required=required)
        if values is None:
            return []
        if not values and required:
            self.error(key, f"the file has no [[{key}]]", "add at least one")
        if not all(isinstance(value, dict) for value in values):
            self.error(key, f"{key!r} must be a list of tables", f"write each under a line [[{key}]]")
            return []
        return [Table(self.source, (*self.path, key, number), value) for number, value in enumerate(values)]

    def translations(self, languages: Sequence[str], key: str = "name", *, required: bool = True) -> dict[str, str]:
        """Return the table `key` with one text for every language of the city, in the city's order.

        Without languages (city.toml has an error in them) return every text.
        """
        if not required and key not in self.values:
            return {}
        example = f"{key} = {{ " + ", ".join(f'{language} = "..."' for language in languages or ["en"]) + " }"
        names = self.table(key, example)
        if names is None:
            return {}
        if not languages:
            return {language: str(text) for language, text in names.values.items()}
        texts = {language: names.text(language, f'{language} = "..."', required=False) for language in languages}
        for language in languages:
            if language not in names.values:
                names.source.error(
                    names.path, f"the {key} in the city's language {language!r} is missing", f'add {language} = "..."'
                )
        names.done()
        return {language: text for language, text in texts.items() if text}


def unique(tables: Iterable[tuple[Table, str | None]], key: str, what: str) -> None:
    """Report duplicate codes."""
    seen: dict[str, int | None] = {}
    for table, code in tables:
        if code in seen:
            table.error(key, f"duplicate {what} {code!r}, first in line {seen[code]}", "give each its own code")
        elif code is not None:
            seen[code] = table.source.lines.line((*table.path, key))
