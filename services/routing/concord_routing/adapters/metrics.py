"""Routing's own Prometheus metrics, with the one list of their names.

They come from the database, so a restart loses nothing.

- `concord_routing_cases_total{outcome}`: opened cases by outcome, which is `routed` or the reason why no rule fits.
- `concord_routing_tasks_open`: decisions that wait for a person.
- `concord_routing_escalations_open{kind}`: cases with a `missed` promise, a resident in `silence`, an `answered` or an
  `unanswered` question, without an action.

Two processes of routing show the same numbers, because they have one database: take the highest, not the sum.
"""

from collections.abc import Callable, Iterator
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from concord_bus.domain.errors import ResourceUnavailable
from concord_routing.domain.case import OUTCOMES
from concord_routing.ports import Counts


class CasesCollector(Collector):
    """Exports the counts from `read`. The label `outcome` has all OUTCOMES from the start."""

    def __init__(self, read: Callable[[], Counts]) -> None:
        self._read = read

    def describe(self) -> Iterator[Any]:
        """Describes nothing, so that the registration of the collector reads no counts."""
        return iter(())

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily]:
        try:
            counts = self._read()
        except ResourceUnavailable:  # the process must still export its other metrics
            return
        cases = CounterMetricFamily(
            "concord_routing_cases", "Cases opened, by what the rules decided", labels=["outcome"]
        )
        for outcome in OUTCOMES:
            cases.add_metric([outcome], counts.by_outcome.get(outcome, 0))
        yield cases
        yield GaugeMetricFamily(
            "concord_routing_tasks_open", "Decisions that wait for a person", value=counts.tasks_open
        )
        escalations = GaugeMetricFamily(
            "concord_routing_escalations_open",
            "Missed promises, silences and answers that wait for a person",
            labels=["kind"],
        )
        escalations.add_metric(["missed"], counts.missed_open)
        escalations.add_metric(["silence"], counts.silent_open)
        escalations.add_metric(["answered"], counts.answered_open)
        escalations.add_metric(["unanswered"], counts.unanswered_open)
        yield escalations
