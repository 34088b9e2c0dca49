"""The last public events, as ids and codes."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from concord_contracts import Event

KEPT = 200
"""How many are kept."""
OF_A_BATCH = 20
"""How many of one batch: more come at a rate at which nobody reads them."""


@dataclass(frozen=True, slots=True)
class Latest:
    """One event. `time` is when the fact came to be, UTC; what an event does not tell is None."""

    event_id: str
    time: datetime
    type: str
    concern_id: str
    category: str | None
    area: str | None
    team: str | None


def latest_of(event: Event[Any]) -> Latest:
    data = event.data
    codes = (getattr(data, name, None) for name in ("category", "area", "team"))
    return Latest(event.id, event.time, event.type, event.partitionkey, *codes)
