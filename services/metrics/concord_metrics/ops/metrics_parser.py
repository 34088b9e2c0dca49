"""Parser of the Prometheus metrics that the ops page needs.

It parses only the lines of WANTED metrics: a service exposes hundreds of lines, and the page needs about a dozen.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

WANTED = (
    "concord_bus_consumed_total",
    "concord_bus_published_total",
    "concord_bus_handling_seconds_sum",
    "concord_bus_handling_seconds_count",
    "concord_bus_batch_size_sum",
    "concord_bus_outbox_depth",
    "concord_bus_outbox_oldest_seconds",
    "concord_bus_waiting",
    "concord_bus_parked_messages",
    "concord_bus_connected",
    "concord_bus_unroutable_private",
    "concord_notification_notices",
    "process_resident_memory_bytes",
)

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
