"""A public event as an operator sees it, and which ones are wanted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from fnmatch import fnmatchcase
from typing import Any

import orjson

from concord_bus.topology.declarations import PUBLIC_TYPES
from concord_contracts.fields import read_instant

NONE = "_"
"""Stands for no area and no category, as in routing keys."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is shown of an event. `time` is when the fact came to be, `told` when Concord came to know of it (UTC).

    `envelope` is all of it.
    """

    time: datetime
    told: datetime
    type: str
    area: str
    category: str
    team: str
    concern: str
    envelope: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Patterns with `*`, `?` and `[...]`; of each kind one must fit, none given lets all through."""

    types: Sequence[str] = ()
    areas: Sequence[str] = ()
    categories: Sequence[str] = ()

    def fits(self, seen: Seen) -> bool:
        return _any(self.types, seen.type) and _any(self.areas, seen.area) and _any(self.categories, seen.category)


def unknown(patterns: Sequence[str]) -> list[str]:
    """Those that fit no public type; a newer service may send types that are not known here."""
    return [each for each in patterns if not any(fnmatchcase(known, each) for known in PUBLIC_TYPES)]


def read(body: bytes) -> Seen | None:
    """The event in a message's body; None when it is no CloudEvent. Types of later versions are shown too."""
    try:
        envelope = orjson.loads(body)
        data = envelope["data"]
        return Seen(
            time=read_instant(envelope["time"]),
            told=read_instant(envelope.get("recordedtime", envelope["time"])),
            type=str(envelope["type"]),
            area=_word(data, "area"),
            category=_word(data, "category"),
            team=_word(data, "team"),
            concern=str(envelope["partitionkey"]),
            envelope=envelope,
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _word(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return NONE if value is None else str(value)


def _any(patterns: Sequence[str], value: str) -> bool:
    return not patterns or any(fnmatchcase(value, each) for each in patterns)
