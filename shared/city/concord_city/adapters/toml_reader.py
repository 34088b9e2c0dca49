"""Typed reading of TOML tables; whatever is wrong becomes a finding with its file and line."""

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
    """One file of the folder and what has been found in it."""

    file: str
    findings: list[Finding] = field(default_factory=list)
    lines: SourceLines = field(default_factory=lambda: SourceLines({}))

    def say(self, level: Level, path: Path, message: str, remedy: str) -> None:
        self.findings.append(Finding(level, self.file, self.lines.line(path), message, remedy))

    def error(self, path: Path, message: str, remedy: str) -> None:
        self.say("error", path, message, remedy)

    def failed(self) -> bool:
        return any(finding.level == "error" for finding in self.findings)


def read_text(folder: FilePath, source: Source, holds: str) -> str | None:
    """The file's text; a missing or unreadable file is a finding."""
    try:
        return (folder / source.file).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        source.error((), "the file is missing", f"add {source.file} with {holds}")
    except UnicodeDecodeError as error:
        source.error((), f"not UTF-8 text (byte {error.start})", "save the file as UTF-8")
    except OSError as error:
        source.error((), f"cannot be read: {error.strerror}", "make it a plain file this user may read")
    return None


def read_toml(folder: FilePath, source: Source, holds: str) -> "Table | None":
    text = read_text(folder, source, holds)
    if text is None:
        return None
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        place = re.search(r"at line (\d+)", str(error))
        line = int(place.group(1)) if place else text.count("\n") + 1
        source.findings.append(
            Finding("error", source.file, line, f"not valid TOML: {error}", "correct the syntax at this place")
        )
        return None
    source.lines = toml_lines(text.replace("\r\n", "\n"))
    return Table(source, (), values)


def suggestion(word: str, known: Iterable[str]) -> str:
    """What to write instead of an unknown word."""
    choices = list(known)
    close = difflib.get_close_matches(word, choices, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]!r}?"
    if not choices:
        return "there is nothing to choose from yet"
    shown = ", ".join(choices[:12]) + (", ..." if len(choices) > 12 else "")
    return f"write one of: {shown}"


class Table:
    """A TOML table that remembers where it stands and which of its keys are known."""

    def __init__(self, source: Source, path: Path, values: Mapping[str, Any]) -> None:
        self.source = source
        self.path = path
        self.values = values
        self._known: list[str] = []

    def error(self, key: str, message: str, remedy: str, *inside: str | int) -> None:
        self.source.error((*self.path, key, *inside), message, remedy)

    def done(self) -> None:
        """Say which keys mean nothing here; call after reading all that do."""
        for key in self.values:
            if key not in self._known:
                self.error(key, f"unknown key {key!r}", suggestion(key, self._known) + " (or remove it)")

    def take(self, key: str, kind: type, example: str, *, required: bool = True) -> Any:
        """The value when it is of the kind (int passes as float), else None and, if need be, a finding."""
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
        """A list of distinct texts that is not empty."""
        values: list[str] | None = self.take(key, list, example, required=required)
        if values is None:
            return None
        if not values:
            self.error(key, f"{key!r} is an empty list", f"write {example}")
            return None
        for number, value in enumerate(values):
            if not isinstance(value, str) or not value.strip():
                self.error(key, f"{key!r} must hold texts only", f"write {example}", number)
                return None
            if value in values[:number]:
                self.error(key, f"{value!r} is named twice", "remove one of them", number)
        return values

    def chosen(self, key: str, known: Sequence[str], what: str, example: str) -> list[str] | None:
        """A list of known words, or None where the key is not given."""
        values = self.texts(key, example, required=False)
        for number, value in enumerate(values or []):
            if value not in known:
                self.error(key, f"unknown {what} {value!r}", suggestion(value, known), number)
        return values

    def code(self, example: str) -> str | None:
        value = self.text("code", example)
        if value is not None and not CODE.fullmatch(value):
            self.error("code", f"the code {value!r} is not usable", "use 1 to 64 letters, digits, - and _ only")
            return None
        return value

    def table(self, key: str, example: str, *, required: bool = True) -> "Table | None":
        values = self.take(key, dict, example, required=required)
        return None if values is None else Table(self.source, (*self.path, key), values)

    def tables(self, key: str, *, required: bool = True) -> "list[Table]":
        """An array of tables: [[key]]."""
        values = self.take(key, list, f"at least one [[{key}]]", required=required)
        if values is None:
            return []
        if not values and required:
            self.error(key, f"there is no [[{key}]]", "add at least one")
        if not all(isinstance(value, dict) for value in values):
            self.error(key, f"{key!r} must be tables", f"write each under a line [[{key}]]")
            return []
        return [Table(self.source, (*self.path, key, number), value) for number, value in enumerate(values)]

    def translations(self, languages: Sequence[str]) -> dict[str, str]:
        """The table `name` with one text for every language of the city, in the city's order.

        Without languages (city.toml is wrong about them) every text is taken as it is.
        """
        example = "name = { " + ", ".join(f'{language} = "..."' for language in languages or ["en"]) + " }"
        names = self.table("name", example)
        if names is None:
            return {}
        if not languages:
            return {language: str(text) for language, text in names.values.items()}
        found = {language: names.text(language, f'{language} = "..."', required=False) for language in languages}
        for language in languages:
            if language not in names.values:
                names.source.error(
                    names.path, f"no name in {language!r}, a language of the city", f'add {language} = "..."'
                )
        names.done()
        return {language: text for language, text in found.items() if text}


def unique(tables: Iterable[tuple[Table, str | None]], key: str, what: str) -> None:
    """Say which codes are given twice."""
    seen: dict[str, int | None] = {}
    for table, code in tables:
        if code in seen:
            table.error(key, f"the {what} {code!r} is there already (line {seen[code]})", "give each its own code")
        elif code is not None:
            seen[code] = table.source.lines.line((*table.path, key))
