"""What the spine keeps in a service's database. Times are seconds since the epoch (UTC)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from concord_bus.domain.delivery import Delivery


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message that waits in the outbox for its confirm. `seq` is its place in the line."""

    seq: int
    event_id: str
    partition_key: str
    exchange: str
    routing_key: str
    body: bytes
    private: bool
    created_at: float


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that failed, or waits behind a failed one of the same concern."""

    seq: int
    partition_key: str
    delivery: Delivery
    attempts: int
    next_attempt_at: float


@dataclass(frozen=True, slots=True)
class Parked:
    """A message that left the line, with all that came with it."""

    id: int
    parked_at: float
    reason: str
    attempts: int
    delivery: Delivery
    event_id: str | None
    event_type: str | None
    partition_key: str | None
    status: str  # parked, replayed or dropped


@dataclass(frozen=True, slots=True)
class Depths:
    """How much the spine holds. `oldest_outbox` is the time of the oldest row, None when the outbox is empty."""

    outbox: int
    oldest_outbox: float | None
    waiting: int
    parked: int
    inbox: int

    def as_dict(self) -> Mapping[str, Any]:
        return {"outbox": self.outbox, "waiting": self.waiting, "parked": self.parked, "inbox": self.inbox}
