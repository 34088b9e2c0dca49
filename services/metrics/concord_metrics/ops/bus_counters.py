"""What a service's own counters say of its work, now and since the last look."""

from dataclasses import dataclass

from concord_metrics.ops.metrics_parser import Samples

BUS = "concord_bus_"
CONNECTIONS = ("consumer", "relay")


@dataclass(frozen=True, slots=True)
class Spine:
    """The counters of one process at one moment; `at` is monotonic seconds, None stands for a metric that is missing.

    Depths are missing while the service's database is away. `handled` counts messages, `batches` batches,
    `handling` seconds. `connected` has the connections to the broker that are up.
    """

    at: float
    read: float = 0.0
    sent: float = 0.0
    handled: float = 0.0
    batches: float = 0.0
    handling: float = 0.0
    outbox: int | None = None
    outbox_age: float | None = None
    waiting: int | None = None
    parked: int | None = None
    unroutable_private: int | None = None
    memory: int | None = None
    connected: frozenset[str] = frozenset()
    delivered: int | None = None
    failed: int | None = None

    @property
    def success(self) -> float | None:
        """Share of notices that were handed over, of all handed over or given up."""
        ended = (self.delivered or 0) + (self.failed or 0)
        return (self.delivered or 0) / ended if ended else None


def spine(samples: Samples, at: float) -> Spine:
    return Spine(
        at=at,
        read=samples.total(BUS + "consumed_total") or 0.0,
        sent=samples.total(BUS + "published_total") or 0.0,
        handled=samples.total(BUS + "batch_size_sum") or 0.0,
        batches=samples.total(BUS + "handling_seconds_count") or 0.0,
        handling=samples.total(BUS + "handling_seconds_sum") or 0.0,
        outbox=_whole(samples.total(BUS + "outbox_depth")),
        outbox_age=samples.total(BUS + "outbox_oldest_seconds"),
        waiting=_whole(samples.total(BUS + "waiting")),
        parked=_whole(samples.total(BUS + "parked_messages")),
        unroutable_private=_whole(samples.total(BUS + "unroutable_private")),
        memory=_whole(samples.total("process_resident_memory_bytes")),
        connected=frozenset(each for each in CONNECTIONS if samples.of(BUS + "connected", "connection", each)),
        delivered=_whole(samples.of("concord_notification_notices", "state", "delivered")),
        failed=_whole(samples.of("concord_notification_notices", "state", "failed")),
    )


def _whole(value: float | None) -> int | None:
    return None if value is None else int(value)


@dataclass(frozen=True, slots=True)
class Pace:
    """What happened between two looks. Rates are messages a second; times are seconds, None when nothing was handled.

    `batch` is the mean time to handle a batch, `message` that time divided among its messages.
    """

    read: float
    sent: float
    batch: float | None
    message: float | None


def pace(before: Spine, now: Spine) -> Pace | None:
    """None when the two cannot be compared: no time between them, or the process was started anew."""
    seconds = now.at - before.at
    steps = [getattr(now, name) - getattr(before, name) for name in ("read", "sent", "handled", "batches", "handling")]
    if seconds <= 0 or min(steps) < 0:
        return None
    read, sent, handled, batches, handling = steps
    return Pace(
        read / seconds,
        sent / seconds,
        handling / batches if batches else None,
        handling / handled if handled else None,
    )
