"""Results of reading a row that is no record: its refusal with all faults, and notes."""

from collections.abc import Callable
from dataclasses import dataclass

from concord_cli.common.errors import UsageError


class InvalidRecords(UsageError):
    """The whole file cannot be read; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of a row. `column` is the name in the file's head, None for a fault of the whole row."""

    column: str | None
    text: str

    def __str__(self) -> str:
        return f"column {self.column}: {self.text}" if self.column else self.text


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A row that is no record. `line` is its first line in the file, `cells` are its original cells."""

    file: str
    line: int
    cells: tuple[str, ...]
    faults: tuple[Fault, ...]

    @property
    def reason(self) -> str:
        return "; ".join(str(fault) for fault in self.faults)

    def __str__(self) -> str:
        comma = ", " if self.faults[0].column else ": "
        return f"{self.file} line {self.line}{comma}{self.reason}."


@dataclass(frozen=True, slots=True)
class Note:
    """Something that the reader decided about a good row, or about the whole file (then `line` is None)."""

    line: int | None
    column: str | None
    text: str

    def __str__(self) -> str:
        where = [f"line {self.line}"] if self.line else []
        where += [f"column {self.column}"] if self.column else []
        return f"{', '.join(where)}: {self.text}" if where else self.text


OnNote = Callable[[Note], None]


def ignore(_: Note) -> None:
    """Drop a note."""
