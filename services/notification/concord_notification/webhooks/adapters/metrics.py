"""The Prometheus metrics of webhooks. No label names an endpoint."""

from collections.abc import Callable, Iterator
from datetime import datetime

from prometheus_client import REGISTRY, CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from concord_notification.webhooks.domain.endpoint import DisableReason
from concord_notification.webhooks.domain.receiver_response import ReceiverResponse
from concord_notification.webhooks.ports import WebhookCounts

SECONDS = (0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 15.0, 60.0, 600.0, 7200.0, 86400.0)


class WebhookMetrics:
    """Implements `ports.Metrics`."""

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
        for reason in DisableReason:
            self.disabled.labels(str(reason))

    def count_attempt(self, response: ReceiverResponse) -> None:
        self.attempts.labels(response.verdict if response.status else response.cause).inc()

    def observe_delivery(self, seconds: float) -> None:
        self.seconds.observe(seconds)

    def count_disabled(self, reason: DisableReason) -> None:
        self.disabled.labels(str(reason)).inc()

    def set_unreadable(self, number: int) -> None:
        self.unreadable.set(number)


class WebhookCollector(Collector):
    """Reads the counts on each scrape, so that they are right after a restart too."""

    def __init__(self, counts: Callable[[], WebhookCounts], clock: Callable[[], datetime]) -> None:
        self._counts = counts
        self._clock = clock

    def collect(self) -> Iterator[GaugeMetricFamily]:
        try:
            counts = self._counts()
        except Exception:  # the database is away: the other metrics must still be readable
            return
        endpoints = GaugeMetricFamily("concord_webhooks_endpoints", "Endpoints by state", labels=["state"])
        endpoints.add_metric(["active"], counts.active)
        endpoints.add_metric(["disabled"], counts.disabled)
        yield endpoints
        deliveries = GaugeMetricFamily("concord_webhooks_deliveries", "Deliveries by state", labels=["state"])
        deliveries.add_metric(["due"], counts.due)
        deliveries.add_metric(["failed"], counts.failed)
        yield deliveries
        age = (self._clock() - counts.oldest_due).total_seconds() if counts.oldest_due else 0.0
        yield GaugeMetricFamily(
            "concord_webhooks_oldest_due_seconds",
            "For how long the delivery that waits longest has been due; 0 when none is",
            value=max(0.0, age),
        )
