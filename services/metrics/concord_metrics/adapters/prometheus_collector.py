"""Prometheus collector of the measures. It reads the aggregates at each scrape, so counters survive a restart.

Each count and time has a metric over all concerns and one for each dimension, such as
`concord_concerns_routed_by_area_total`. A label has at most MAX_VALUES values, the first in the database; the rest
together are "other". A concern without an area or a team is absent there: it would move later, and a counter must not
fall. Counts by team are gauges, because a concern can change its team.
"""

from collections.abc import Callable, Iterator, Mapping
from time import monotonic
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from concord_metrics.domain.aggregate_columns import ACTION_TIMES, BOUNDS_OF, COUNTS, DAY, HOUR, ROUTING_TIMES, TIMES
from concord_metrics.domain.aggregates import NONE, ZERO, Aggregate, count_of, duration_totals, sum_aggregates
from concord_metrics.domain.estimates import Estimate
from concord_metrics.domain.summary import DIMENSIONS, Group, by_value, figures
from concord_metrics.measures import BY_NAME, Measure

MAX_VALUES = 50
SHOWN_BOUNDS = {
    **dict.fromkeys(ROUTING_TIMES, frozenset({0.5, 1.0, 5.0, 30.0, 60.0, 300.0, HOUR, DAY})),
    **dict.fromkeys(ACTION_TIMES, frozenset({HOUR, 4 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY, 90 * DAY})),
}
"""Half of the stored bounds: buckets by dimension are most of a scrape."""
CHANGEABLE = "team"
"""The dimension whose value can change."""
OTHER = "other"
INFINITE = float("inf")
TTL_SECONDS = 2.0
SHARES = (
    "unroutable_share",
    "border_share",
    "notification_success",
    "promises_kept_share",
    "loop_closed",
    "response_rate",
    "fixed_share",
    "felt_heard",
    "felt_heard_mean",
)
"""Gauges over all concerns only. Estimates by group are in the summary, with small-cell suppression."""

Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily
ByValue = Mapping[str, Aggregate]


class MeasuresCollector(Collector):
    """Collects the measures from the aggregates by group, which `read` returns. Caches them for TTL_SECONDS."""

    def __init__(self, read: Callable[[], Mapping[Group, Aggregate]], clock: Callable[[], float] = monotonic) -> None:
        self._read = read
        self._clock = clock
        self._families: list[Family] = []
        self._until = float("-inf")

    def describe(self) -> Iterator[Any]:
        """Nothing, so that a registration does not read the database."""
        return iter(())

    def collect(self) -> Iterator[Family]:
        now = self._clock()
        if now >= self._until:
            try:
                self._families = list(families(self._read()))
            except Exception:  # the edge: without the database the other metrics must stay readable
                return
            self._until = now + TTL_SECONDS
        yield from self._families


def families(aggregates: Mapping[Group, Aggregate]) -> Iterator[Family]:
    """All metrics of these aggregates, in the order of their groups."""
    total = sum_aggregates(aggregates.values())
    groups = {name: limit_values(by_value(aggregates, position)) for position, name in enumerate(DIMENSIONS)}
    for name in COUNTS:
        yield _count(BY_NAME[name], total)
        for dimension, values in groups.items():
            yield _counts_by(BY_NAME[name], dimension, values)
    for name in TIMES:
        measure = BY_NAME[f"time_to_{name}"]
        yield _histogram(measure, None, {"": total})
        for dimension, values in groups.items():
            yield _histogram(measure, dimension, values)
    totals = figures(total)
    for name in SHARES:
        figure = getattr(totals, name)
        value = figure.value if isinstance(figure, Estimate) else figure
        if value is not None:
            yield GaugeMetricFamily(BY_NAME[name].prometheus, BY_NAME[name].meaning, value=value)


def limit_values(values: ByValue) -> dict[str, Aggregate]:
    """The first MAX_VALUES values, and the sum of the rest as OTHER."""
    names = [value for value in values if value != NONE]
    first = {value: values[value] for value in names[:MAX_VALUES]}
    rest = [values[value] for value in names[MAX_VALUES:]]
    return first | {OTHER: sum_aggregates([*rest, first.get(OTHER, ZERO)])} if rest else first


def metric_name(measure: Measure, dimension: str) -> str:
    """The name of a measure's metric by one dimension."""
    if dimension == CHANGEABLE and measure.prometheus.endswith("_total"):
        return f"{measure.prometheus.removesuffix('_total')}_by_{dimension}"
    base = measure.prometheus.removesuffix("_total").removesuffix("_seconds")
    return f"{base}_by_{dimension}{measure.prometheus[len(base) :]}"


def _count(measure: Measure, aggregate: Aggregate) -> Family:
    return _family(measure)(measure.prometheus, measure.meaning, value=count_of(aggregate, measure.name))


def _counts_by(measure: Measure, dimension: str, values: ByValue) -> Family:
    kind = GaugeMetricFamily if dimension == CHANGEABLE else _family(measure)
    family = kind(metric_name(measure, dimension), f"{measure.meaning}, by {dimension}", labels=[dimension])
    for value, aggregate in values.items():
        family.add_metric([value], count_of(aggregate, measure.name))
    return family


def _family(measure: Measure) -> type[CounterMetricFamily] | type[GaugeMetricFamily]:
    return CounterMetricFamily if measure.prometheus.endswith("_total") else GaugeMetricFamily


def _histogram(measure: Measure, dimension: str | None, values: ByValue) -> Family:
    name = metric_name(measure, dimension) if dimension else measure.prometheus
    meaning = measure.meaning.partition(";")[0] + (f", by {dimension}" if dimension else "")
    family = HistogramMetricFamily(name, meaning, labels=[dimension] if dimension else [])
    time = measure.name.removeprefix("time_to_")
    for value, aggregate in values.items():
        totals = duration_totals(aggregate, time)
        cumulative, buckets = 0, []
        for bound, count in zip((*BOUNDS_OF[time], INFINITE), totals.buckets, strict=True):
            cumulative += count
            if bound in SHOWN_BOUNDS[time] or bound == INFINITE:
                buckets.append(("+Inf" if bound == INFINITE else str(bound), cumulative))
        family.add_metric([value] if dimension else [], buckets, totals.microseconds / 1_000_000)
    return family
