"""Findings of the diagnosis: level, subject, fault and remedy."""

from dataclasses import dataclass
from enum import StrEnum


class Level(StrEnum):
    """A problem stops Concord's work now or soon; a warning deserves a look."""

    OK = "ok"
    WARNING = "warning"
    PROBLEM = "problem"


@dataclass(frozen=True, slots=True)
class Finding:
    """`about` is the examined part; `remedy` is empty for the level OK."""

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
