"""Parser of the Prometheus metrics that the ops page needs.

It parses only the lines of WANTED metrics: a service exposes hundreds of lines, and the page needs about a dozen.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

METRICS = {
    "read": "concord_bus_consumed_total",
    "sent": "concord_bus_published_total",
    "handled": "concord_bus_batch_size_sum",
    "batches": "concord_bus_handling_seconds_count",
    "handling": "concord_bus_handling_seconds_sum",
    "outbox": "concord_bus_outbox_depth",
    "outbox_age": "concord_bus_outbox_oldest_seconds",
    "waiting": "concord_bus_waiting",
    "parked": "concord_bus_parked_messages",
    "unroutable_private": "concord_bus_unroutable_private",
    "memory": "process_resident_memory_bytes",
}
"""Metrics by the name of their field in `BusCounters`, which holds the sum over all labels."""
CONNECTED, NOTICES = "concord_bus_connected", "concord_notification_notices"
WANTED = (*METRICS.values(), CONNECTED, NOTICES)

Labels = frozenset[tuple[str, str]]


class Samples:
    """Values by metric and labels."""

    def __init__(self, values: Iterable[tuple[str, Labels, float]]) -> None:
        self._values: dict[str, dict[Labels, float]] = {}
        for name, labels, value in values:
            self._values.setdefault(name, {})[labels] = value

    def total(self, name: str) -> float | None:
        """The sum over all labels; None for a missing metric."""
        values = self._values.get(name)
        return sum(values.values()) if values else None

    def of(self, name: str, label: str, value: str) -> float | None:
        """The sum over the samples with this label; None without any."""
        values = [number for labels, number in self._values.get(name, {}).items() if (label, value) in labels]
        return sum(values) if values else None


def from_text(text: str) -> Samples:
    """The wanted samples of an exposition. Raises ValueError for other text."""
    lines = [line for line in text.splitlines() if line.startswith(WANTED)]
    return from_families(text_string_to_metric_families("\n".join(lines) + "\n"))


def from_families(families: Iterable[Any]) -> Samples:
    """The wanted samples of prometheus_client's metric families."""
    return Samples(_values(families))


def _values(families: Iterable[Any]) -> Iterator[tuple[str, Labels, float]]:
    for family in families:
        for sample in family.samples:
            if sample.name in WANTED:
                yield sample.name, frozenset(sample.labels.items()), float(sample.value)
