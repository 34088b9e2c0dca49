"""What was found out: how bad it is, what it is about, and what to do."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """A problem keeps Concord from its work or soon will; a warning is worth a look."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """`about` is the part that was looked at; `remedy` says what to do, empty when there is nothing to do."""

    level: Level
    about: str
    what: str
    remedy: str = ""


def ok(about: str, what: str) -> Finding:
    return Finding(Level.OK, about, what)


def warning(about: str, what: str, remedy: str) -> Finding:
    return Finding(Level.WARNING, about, what, remedy)


def problem(about: str, what: str, remedy: str) -> Finding:
    return Finding(Level.PROBLEM, about, what, remedy)
