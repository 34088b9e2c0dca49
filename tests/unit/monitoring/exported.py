"""Which series there are, and which labels each has: asked of the code that exports them."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase

from concord_bus.domain.stored_messages import Depths
from concord_bus.metrics import DepthCollector
from concord_bus.metrics import Instruments as BusInstruments
from concord_metrics.adapters.prometheus_collector import MeasuresCollector
from concord_metrics.domain.aggregate_columns import COLUMNS
from concord_notification.notices.adapters.metrics import LedgerCollector, NoticeMetrics
from concord_notification.notices.ports import Ledger
from concord_notification.webhooks.adapters.metrics import WebhookCollector, WebhookMetrics
from concord_notification.webhooks.ports import WebhookCounts
from concord_routing.adapters.metrics import CasesCollector
from concord_routing.ports import Counts
from concord_web.metrics import WebMetrics

Labels = frozenset[str]

ENOUGH = [20] * len(COLUMNS)
"""Of everything so much that no measure is left out for having too little to go by."""

TARGET = frozenset({"job", "instance", "service"})
"""What Prometheus adds to all that it scrapes from our services."""

BROKER = {
    "rabbitmq_alarms_free_disk_space_watermark": (),
    "rabbitmq_alarms_memory_used_watermark": (),
    "rabbitmq_connections": (),
    "rabbitmq_disk_space_available_bytes": (),
    "rabbitmq_disk_space_available_limit_bytes": (),
    "rabbitmq_process_resident_memory_bytes": (),
    "rabbitmq_queue_consumers": ("vhost", "queue"),
    "rabbitmq_queue_messages_ready": ("vhost", "queue"),
    "rabbitmq_queue_messages": ("vhost", "queue"),
    "rabbitmq_queue_messages_unacked": ("vhost", "queue"),
    "rabbitmq_resident_memory_limit_bytes": (),
}
"""Of what RabbitMQ exports; with `prometheus.return_per_object_metrics` for each queue."""

BROKER_4 = {"rabbitmq_unreachable_cluster_peers_count": ()}
"""What RabbitMQ exports from 4.0 on."""

OF_PROMETHEUS = {
    "up": TARGET,
    "ALERTS": frozenset({"alertname", "alertstate", "severity", "service", "queue", "instance", "connection"}),
}


def by_services() -> Mapping[str, Labels]:
    """Everything our services export, by name, with the labels of their own."""
    found: dict[str, Labels] = {}
    for sample in (sample for family in _registry().collect() for sample in family.samples):
        found[sample.name] = found.get(sample.name, frozenset()) | frozenset(sample.labels)
    return found


def everything() -> Mapping[str, Labels]:
    """With the labels that Prometheus adds."""
    broker = {name: TARGET - {"service"} | frozenset(labels) for name, labels in (BROKER | BROKER_4).items()}
    return {name: labels | TARGET for name, labels in by_services().items()} | broker | OF_PROMETHEUS


def _registry() -> CollectorRegistry:
    """The instruments of all services in one registry, each labelled one with a child."""
    registry = CollectorRegistry()
    seen = Recorder(registry)
    BusInstruments(seen)
    WebMetrics(seen)
    NoticeMetrics(seen)
    WebhookMetrics(seen)
    registry.register(DepthCollector(lambda: Depths(0, None, 0, 0, 0), lambda: 0.0))
    registry.register(LedgerCollector(lambda: Ledger()))
    registry.register(WebhookCollector(lambda: WebhookCounts(0, 0, 0, 0, None), lambda: datetime.now(UTC)))
    registry.register(CasesCollector(lambda: Counts({}, 0)))
    registry.register(MeasuresCollector(lambda: {("B2", "graffiti", "web", "crew"): ENOUGH}))
    for each in seen.wrapped():
        if each._labelnames:
            each.labels(*each._labelnames)
    return registry


class Recorder(CollectorRegistry):
    """Hands on what is registered and remembers it: a labelled metric shows nothing before it has a child."""

    def __init__(self, behind: CollectorRegistry) -> None:
        super().__init__()
        self._behind = behind
        self._seen: list[object] = []

    def register(self, collector: object) -> None:
        self._seen.append(collector)
        self._behind.register(collector)  # type: ignore[arg-type]

    def wrapped(self) -> Iterator[MetricWrapperBase]:
        return (each for each in self._seen if isinstance(each, MetricWrapperBase))
