"""Recent public events, as ids and codes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from concord_contracts import Event

MAX_RECENT = 200
MAX_PER_BATCH = 20
"""A larger batch means a rate at which nobody can read single events."""


@dataclass(frozen=True, slots=True)
class RecentEvent:
    """One event. `time` is the time of the fact, UTC; a code that the event does not carry is None."""

    event_id: str
    time: datetime
    type: str
    concern_id: str
    category: str | None
    area: str | None
    team: str | None


def recent_event(event: Event[Any]) -> RecentEvent:
    codes = (getattr(event.data, name, None) for name in ("category", "area", "team"))
    return RecentEvent(event.id, event.time, event.type, event.partitionkey, *codes)
