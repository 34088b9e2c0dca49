"""Prometheus metrics of webhooks: the one list of their names. No label names an endpoint."""

from collections.abc import Callable, Iterator
from datetime import datetime

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from concord_notification.webhooks.domain.endpoint import Why
from concord_notification.webhooks.ports import Standing

SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 600.0, 7200.0, 86400.0)


class Instruments:
    """Counts what becomes of deliveries."""

    def __init__(self, registry: CollectorRegistry = REGISTRY) -> None:
        self.attempts = Counter(
            "concord_webhooks_attempts", "Attempts to deliver, by how they went", ["result"], registry=registry
        )
        self.disabled = Counter("concord_webhooks_disabled", "Endpoints disabled, by why", ["why"], registry=registry)
        self.unreadable = Gauge(
            "concord_webhooks_unreadable",
            "Active endpoints whose secrets no key of the vault opens: alert when above 0",
            registry=registry,
        )
        self.seconds = Histogram(
            "concord_webhooks_delivery_seconds",
            "Seconds from an event being queued for an endpoint to the endpoint having it",
            buckets=SECONDS,
            registry=registry,
        )
        for why in Why:
            self.disabled.labels(str(why))

    @classmethod
    def unregistered(cls) -> "Instruments":
        """Instruments that nobody reads, for tests and tools."""
        return cls(CollectorRegistry())


class StandingCollector(Collector):
    """Reads what there is when Prometheus asks, so that it is right after a restart too."""

    def __init__(self, standing: Callable[[], Standing], clock: Callable[[], datetime]) -> None:
        self._standing = standing
        self._clock = clock

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            standing = self._standing()
        except Exception:  # the database is away: the other metrics must still be readable
            return
        endpoints = GaugeMetricFamily("concord_webhooks_endpoints", "Endpoints by state", labels=["state"])
        endpoints.add_metric(["active"], standing.active)
        endpoints.add_metric(["disabled"], standing.disabled)
        yield endpoints
        deliveries = GaugeMetricFamily("concord_webhooks_deliveries", "Deliveries by state", labels=["state"])
        deliveries.add_metric(["due"], standing.due)
        deliveries.add_metric(["failed"], standing.failed)
        yield deliveries
        age = (self._clock() - standing.oldest_due).total_seconds() if standing.oldest_due else 0.0
        yield GaugeMetricFamily(
            "concord_webhooks_oldest_due_seconds",
            "For how long the delivery that waits longest has been due; 0 when none is",
            value=max(0.0, age),
        )
