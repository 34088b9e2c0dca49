"""Bus counters of one service, and their rates."""

from dataclasses import dataclass

from concord_metrics.ops.metrics_parser import Samples

BUS = "concord_bus_"
CONNECTIONS = ("consumer", "relay")


@dataclass(frozen=True, slots=True)
class BusCounters:
    """The counters of one process at one moment; `at` is in monotonic seconds. A missing metric is None.

    Depths are missing while the service's database is unavailable. `handled` counts messages, `batches` batches,
    `handling` seconds. `connected` names the open connections to the broker.
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
        """Share of delivered notices among all delivered or failed ones."""
        ended = (self.delivered or 0) + (self.failed or 0)
        return (self.delivered or 0) / ended if ended else None


def bus_counters(samples: Samples, at: float) -> BusCounters:
    return BusCounters(
        at=at,
        read=samples.total(BUS + "consumed_total") or 0.0,
        sent=samples.total(BUS + "published_total") or 0.0,
        handled=samples.total(BUS + "batch_size_sum") or 0.0,
        batches=samples.total(BUS + "handling_seconds_count") or 0.0,
        handling=samples.total(BUS + "handling_seconds_sum") or 0.0,
        outbox=_integer(samples.total(BUS + "outbox_depth")),
        outbox_age=samples.total(BUS + "outbox_oldest_seconds"),
        waiting=_integer(samples.total(BUS + "waiting")),
        parked=_integer(samples.total(BUS + "parked_messages")),
        unroutable_private=_integer(samples.total(BUS + "unroutable_private")),
        memory=_integer(samples.total("process_resident_memory_bytes")),
        connected=frozenset(name for name in CONNECTIONS if samples.of(BUS + "connected", "connection", name)),
        delivered=_integer(samples.of("concord_notification_notices", "state", "delivered")),
        failed=_integer(samples.of("concord_notification_notices", "state", "failed")),
    )


def _integer(value: float | None) -> int | None:
    return None if value is None else int(value)


@dataclass(frozen=True, slots=True)
class Rates:
    """Rates between two probes, in messages a second. Times are in seconds, None without a handled message.

    `batch` is the mean time to handle a batch, `message` the mean time for one of its messages.
    """

    read: float
    sent: float
    batch: float | None
    message: float | None


def rates_between(before: BusCounters, now: BusCounters) -> Rates | None:
    """The rates; None without time between the two, or after a restart of the process."""
    seconds = now.at - before.at
    steps = [getattr(now, name) - getattr(before, name) for name in ("read", "sent", "handled", "batches", "handling")]
    if seconds <= 0 or min(steps) < 0:
        return None
    read, sent, handled, batches, handling = steps
    return Rates(
        read / seconds,
        sent / seconds,
        handling / batches if batches else None,
        handling / handled if handled else None,
    )
