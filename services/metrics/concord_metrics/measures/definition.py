"""The definition of one measure."""

from dataclasses import dataclass
from typing import Any

from concord_contracts import CATALOGUE

CENSORED = "; median and p90 are Kaplan-Meier estimates, null if too many concerns wait"
EXACT = "; median and p90 are exact"
CLOCKS = ", 0 if the clocks disagree"

_NAME_OF = {message_type.data: message_type.name for message_type in CATALOGUE.values()}
Messages = tuple[type[Any], ...]
"""Message classes of the source events."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One number. `formula` uses the fields of the events, or other measures; `events` holds message types."""

    name: str
    meaning: str
    unit: str
    formula: str
    events: tuple[str, ...]
    prometheus: str


def count(
    name: str, prometheus: str, meaning: str, formula: str, messages: Messages, unit: str = "concerns"
) -> Measure:
    return Measure(name, meaning, unit, formula, tuple(_NAME_OF[message] for message in messages), prometheus)


def share(name: str, prometheus: str, meaning: str, formula: str, messages: Messages) -> Measure:
    return count(name, prometheus, meaning, formula, messages, "share from 0 to 1")


def duration(name: str, prometheus: str, meaning: str, formula: str, messages: Messages) -> Measure:
    return count(name, prometheus, meaning, formula, messages, "seconds")
