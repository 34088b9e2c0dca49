"""The messages in a service's database. Times are seconds since the epoch (UTC)."""

from dataclasses import dataclass

from concord_bus.domain.delivery import Delivery


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A message in the outbox, until the broker confirms it. `seq` is its position in the order."""

    seq: int
    event_id: str
    partition_key: str
    exchange: str
    routing_key: str
    body: bytes
    private: bool
    created_at: float

    @property
    def kind(self) -> str:
        """Its type, such as `concern.routed.v1`: the routing key without area and category."""
        return self.routing_key.rsplit(".", 2)[0]


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message that failed, or waits behind a failed one of the same concern."""

    seq: int
    partition_key: str
    delivery: Delivery
    attempts: int
    next_attempt_at: float


@dataclass(frozen=True, slots=True)
class Claim:
    """An attempt at the waiting message `seq`, which had `attempts` before. The next one is due `until`."""

    seq: int
    attempts: int
    until: float


@dataclass(frozen=True, slots=True)
class Parked:
    """A parked message with its properties, headers and body. `status` is `parked`, `replayed` or `dropped`."""

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
    """The number of messages in each table. `oldest_outbox` is the time of the oldest row, None for an empty outbox."""

    outbox: int
    oldest_outbox: float | None
    waiting: int
    parked: int
    inbox: int
