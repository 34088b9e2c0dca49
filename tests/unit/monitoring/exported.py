"""Which series there are, and which labels each has: asked of the code that exports them."""

from collections.abc import Iterator, Mapping

from prometheus_client import CollectorRegistry
from prometheus_client.metrics import MetricWrapperBase

from concord_bus.domain.records import Depths
from concord_bus.instruments import DepthCollector
from concord_bus.instruments import Instruments as BusInstruments
from concord_metrics.adapters.prometheus import MeasuresCollector
from concord_metrics.domain.columns import COLUMNS
from concord_notification.instruments import Instruments, LedgerCollector
from concord_notification.ports import Ledger
from concord_routing.adapters.prometheus import CasesCollector
from concord_routing.ports import Counts
from concord_web.metrics import WebMetrics

Labels = frozenset[str]

ENOUGH = [20] * len(COLUMNS)
"""Of everything so much that no measure is left out for having too little to go by."""

TARGET = frozenset({"job", "instance", "service"})
"""What Prometheus adds to all that it scrapes from our services."""

PROMISED_MEASURES = {
    "concord_concerns_fell_silent_total": (),
    "concord_felt_heard_share": (),
    "concord_fixed_share": (),
    "concord_loop_closed_share": (),
    "concord_promises_at_risk": (),
    "concord_promises_kept": (),
    "concord_promises_missed": (),
    "concord_promises_missed_by_area": ("area",),
    "concord_promises_missed_by_team": ("team",),
    "concord_promises_open": (),
    "concord_response_rate": (),
}
"""Measures that rules and dashboards ask for before metrics exports them."""

PROMISED_METRICS = {
    "concord_routing_escalations_open": ("kind",),
    "concord_webhooks_attempts_total": ("result",),
    "concord_webhooks_deliveries": ("state",),
    "concord_webhooks_delivery_seconds_bucket": ("le",),
    "concord_webhooks_disabled_total": ("why",),
    "concord_webhooks_endpoints": ("state",),
    "concord_webhooks_oldest_due_seconds": (),
}
"""The same of the platform; the guide lists them."""

PROMISED = {name: frozenset(labels) for name, labels in (PROMISED_MEASURES | PROMISED_METRICS).items()}

BROKER = {
    "rabbitmq_alarms_free_disk_space_watermark": (),
    "rabbitmq_alarms_memory_used_watermark": (),
    "rabbitmq_connections": (),
    "rabbitmq_disk_space_available_bytes": (),
    "rabbitmq_disk_space_available_limit_bytes": (),
    "rabbitmq_process_resident_memory_bytes": (),
    "rabbitmq_queue_consumers": ("vhost", "queue"),
    "rabbitmq_queue_messages_ready": ("vhost", "queue"),
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
    services = PROMISED | dict(by_services())
    broker = {name: TARGET - {"service"} | frozenset(labels) for name, labels in (BROKER | BROKER_4).items()}
    return {name: labels | TARGET for name, labels in services.items()} | broker | OF_PROMETHEUS


def _registry() -> CollectorRegistry:
    """The instruments of all services in one registry, each labelled one with a child."""
    registry = CollectorRegistry()
    seen = Recorder(registry)
    BusInstruments(seen)
    WebMetrics(seen)
    Instruments(seen)
    registry.register(DepthCollector(lambda: Depths(0, None, 0, 0, 0), lambda: 0.0))
    registry.register(LedgerCollector(lambda: Ledger()))
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
