"""The Prometheus metrics of the bus, in one list."""

from collections import Counter as Tally
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from concord_bus.domain.held_messages import HeldMessages
from concord_bus.domain.held_rows import Cause
from concord_bus.domain.stored_messages import Depths
from concord_contracts import CATALOGUE

HANDLING_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
HOLDS = (Cause.NACKED, Cause.REFUSED)
BATCH_BUCKETS = (1, 2, 5, 10, 25, 50, 100, 200, 400, 800)


class Instruments:
    """Counts the work of the bus. Its `type` labels come from the catalogue, so their number is bounded."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        def counter(name: str, meaning: str, *labels: str) -> Counter:
            return Counter(f"concord_bus_{name}", meaning, labels, registry=registry)

        self._shows_held = False
        self._published = counter("published", "Messages sent to the broker", "type")
        self._confirmed = counter("confirmed", "Messages the broker confirmed", "type")
        self.returned = counter("returned", "Messages no queue was bound for", "exchange")
        self.nacked = counter("nacked", "Messages the broker refused; they are sent again")
        self.refused = counter("refused", "Messages for which the broker closed a channel, by its reply code", "code")
        self._consumed = counter("consumed", "Messages read, duplicates included", "type")
        self.duplicates = counter("duplicates_suppressed", "Redelivered messages without a second effect")
        self.retried = counter("retried", "Attempts that failed and are made again", "type")
        self.taken_back = counter(
            "attempts_taken_back", "Attempts that a resource prevented; they do not count towards parking", "resource"
        )
        self.parked = counter("parked", "Messages parked")
        self._batch = Histogram(
            "concord_bus_batch_size", "Messages in a batch", buckets=BATCH_BUCKETS, registry=registry
        )
        self._handling = Histogram(
            "concord_bus_handling_seconds", "Seconds to handle a batch", buckets=HANDLING_BUCKETS, registry=registry
        )
        self.unroutable = Gauge(
            "concord_bus_unroutable_private", "Private messages no queue takes: alert when above 0", registry=registry
        )
        self._refused_messages = Gauge(
            "concord_bus_refused_messages",
            "Messages that the broker refuses for themselves: alert when above 0",
            registry=registry,
        )
        self._held_destinations = Gauge(
            "concord_bus_held_destinations",
            "Types or exchanges whose messages the broker refuses: alert when above 0",
            ["cause"],
            registry=registry,
        )
        for cause in HOLDS:
            self._held_destinations.labels(cause).set(0)
        self.connected = Gauge(
            "concord_bus_connected", "1 while connected to the broker", ["connection"], registry=registry
        )

    @classmethod
    def unregistered(cls) -> "Instruments":
        """Return instruments outside the registry, for tests and tools."""
        return cls(CollectorRegistry())

    @contextmanager
    def handling(self, size: int) -> Iterator[None]:
        """Time one batch of `size` messages."""
        self._batch.observe(size)
        with self._handling.time():
            yield

    def consumed(self, types: Iterable[str]) -> None:
        _add(self._consumed, Tally(types))

    def published(self, routing_keys: Iterable[str]) -> None:
        _add(self._published, _types(routing_keys))

    def confirmed(self, routing_keys: Iterable[str]) -> None:
        _add(self._confirmed, _types(routing_keys))

    def held(self, held: HeldMessages) -> None:
        """Set the numbers of messages and destinations that the broker refuses."""
        if not held and not self._shows_held:
            return
        self._shows_held = bool(held)
        self.unroutable.set(held.rows.counts[Cause.RETURNED])
        self._refused_messages.set(held.rows.counts[Cause.REFUSED])
        for cause in HOLDS:
            self._held_destinations.labels(cause).set(held.destinations.count(cause))


def _add(counter: Counter, tally: Mapping[str, int]) -> None:
    for label, count in tally.items():
        counter.labels(label).inc(count)


def _types(routing_keys: Iterable[str]) -> Tally[str]:
    types: Tally[str] = Tally()
    for routing_key, count in Tally(routing_keys).items():
        types[_type_of_key(routing_key)] += count
    return types


def _type_of_key(routing_key: str) -> str:
    name = routing_key.rsplit(".", 2)[0]
    return name if name in CATALOGUE else "other"


class DepthCollector(Collector):
    """Reads the depths from the database at each scrape, so that they are right after a restart too."""

    def __init__(self, depths: Callable[[], Depths], now: Callable[[], float]) -> None:
        self._depths = depths
        self._now = now

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            depths = self._depths()
        except Exception:  # without the database, the other metrics must stay readable
            return
        age = 0.0 if depths.oldest_outbox is None else max(0.0, self._now() - depths.oldest_outbox)
        for name, meaning, value in (
            ("outbox_depth", "Messages that wait to be published", depths.outbox),
            ("outbox_oldest_seconds", "Age of the oldest message in the outbox", age),
            ("waiting", "Messages that wait for their next attempt", depths.waiting),
            ("parked_messages", "Messages that wait for a person", depths.parked),
        ):
            yield GaugeMetricFamily(f"concord_bus_{name}", meaning, value=value)
