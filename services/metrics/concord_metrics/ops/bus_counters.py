"""Bus counters of one service, and their rates."""

from dataclasses import dataclass
from typing import Any

from concord_metrics.ops.metrics_parser import CONNECTED, METRICS, NOTICES, Samples

CONNECTIONS = ("consumer", "relay")
TOTALS = ("read", "sent", "handled", "batches", "handling")
FLOATS = (*TOTALS, "outbox_age")


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
    found = {name: samples.total(metric) for name, metric in METRICS.items()}
    found |= {state: samples.of(NOTICES, "state", state) for state in ("delivered", "failed")}
    values: dict[str, Any] = {
        name: value if name in FLOATS else int(value) for name, value in found.items() if value is not None
    }
    connected = frozenset(name for name in CONNECTIONS if samples.of(CONNECTED, "connection", name))
    return BusCounters(at, connected=connected, **values)


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
    steps = [getattr(now, name) - getattr(before, name) for name in TOTALS]
    if seconds <= 0 or min(steps) < 0:
        return None
    read, sent, handled, batches, handling = steps
    return Rates(
        read / seconds,
        sent / seconds,
        handling / batches if batches else None,
        handling / handled if handled else None,
    )
