"""Public events, read from the bodies of messages."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from concord_contracts.fields import read_instant
from concord_contracts.strict_json import loads

NONE = "_"
"""Stands for a missing area, category or team, as in routing keys."""


@dataclass(frozen=True, slots=True)
class PublicEvent:
    """The fields of an event that operators see. `envelope` is the whole CloudEvent.

    `time` is when the fact happened, `recorded_at` when Concord recorded it (both UTC).
    """

    time: datetime
    recorded_at: datetime
    type: str
    area: str
    category: str
    team: str
    concern: str
    envelope: Mapping[str, Any]


def parse_event(body: bytes) -> PublicEvent | None:
    """Return the event in a message's body, also one of a later version; None for a body that is no CloudEvent."""
    try:
        envelope = loads(body)
        data = envelope["data"]
        return PublicEvent(
            time=read_instant(envelope["time"]),
            recorded_at=read_instant(envelope.get("recordedtime", envelope["time"])),
            type=str(envelope["type"]),
            area=_code(data, "area"),
            category=_code(data, "category"),
            team=_code(data, "team"),
            concern=str(envelope["partitionkey"]),
            envelope=envelope,
        )
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _code(data: Mapping[str, Any], name: str) -> str:
    value = data.get(name)
    return NONE if value is None else str(value)
