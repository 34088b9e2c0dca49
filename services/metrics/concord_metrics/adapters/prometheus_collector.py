"""The measures as Prometheus metrics, read from the sums when asked, so that they survive a restart.

Every count and time comes in all and by each dimension in a metric of its own (concord_concerns_routed_by_area_total),
which bounds the series: at most VALUES values a label, the first ones that came; the rest together are "other". What
has no area or team (yet) is left out there, since it moves when it gets one and a counter must not fall. Counts by team
are gauges: a concern leaves its team's when another gets it.
"""

from collections.abc import Callable, Iterator, Mapping
from time import monotonic
from typing import Any

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector

from concord_metrics.domain.aggregate_columns import BOUNDS_OF, COUNTS, DAY, HOUR, TIMES, WAY_TIMES, WORK_TIMES
from concord_metrics.domain.aggregates import NONE, ZERO, Tally, count_of, summed, times
from concord_metrics.domain.summary import DIMENSIONS, Group, figures, marginal
from concord_metrics.measures import BY_NAME, Measure

VALUES = 50
SHOWN_BOUNDS = {
    **dict.fromkeys(WAY_TIMES, frozenset({0.5, 1.0, 5.0, 30.0, 60.0, 300.0, HOUR, DAY})),
    **dict.fromkeys(WORK_TIMES, frozenset({HOUR, 4 * HOUR, DAY, 3 * DAY, 7 * DAY, 30 * DAY, 90 * DAY})),
}
"""Bounds that Prometheus is shown, half of those that are kept: buckets by each dimension are most of a scrape."""
MOVING = "team"
"""The dimension in which a concern may go from one value to another."""
OTHER = "other"
INFINITE = float("inf")
KEEP_SECONDS = 2.0
SHARES = (
    "unroutable_share",
    "border_share",
    "notification_success",
    "promises_kept_share",
    "loop_closed",
    "response_rate",
)
ESTIMATES = ("fixed_share", "felt_heard", "felt_heard_mean")
"""What answers say comes only in all, and only of ten or more: by smaller groups it is in the summary."""

Family = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily
Labelled = Mapping[str, Tally]


class MeasuresCollector(Collector):
    """Gives Prometheus the measures; `read` gives the sums by group. What was read is kept for two seconds."""

    def __init__(self, read: Callable[[], Mapping[Group, Tally]], clock: Callable[[], float] = monotonic) -> None:
        self._read = read
        self._clock = clock
        self._families: list[Family] = []
        self._until = float("-inf")

    def describe(self) -> Iterator[Any]:
        """Nothing is read when the collector is registered."""
        return iter(())

    def collect(self) -> Iterator[Family]:
        now = self._clock()
        if now >= self._until:
            try:
                self._families = list(families(self._read()))
            except Exception:  # the database is away: the other metrics must still be readable
                return
            self._until = now + KEEP_SECONDS
        yield from self._families


def families(tallies: Mapping[Group, Tally]) -> Iterator[Family]:
    """All metrics of these sums, groups in the order in which they first came."""
    total = summed(tallies.values())
    groups = {name: bounded(marginal(tallies, place)) for place, name in enumerate(DIMENSIONS)}
    for name in COUNTS:
        yield _count(BY_NAME[name], total)
        for dimension, values in groups.items():
            yield _counts_by(BY_NAME[name], dimension, values)
    for name in TIMES:
        measure = BY_NAME[f"time_to_{name}"]
        yield _histogram(measure, None, {"": total})
        for dimension, values in groups.items():
            yield _histogram(measure, dimension, values)
    found = figures(total)
    shares = {name: getattr(found, name) for name in SHARES} | {name: getattr(found, name).value for name in ESTIMATES}
    for name, value in shares.items():
        if value is not None:
            yield GaugeMetricFamily(BY_NAME[name].prometheus, BY_NAME[name].meaning, value=value)


def bounded(values: Labelled) -> dict[str, Tally]:
    """The first VALUES values, and the rest summed under OTHER."""
    named = [value for value in values if value != NONE]
    kept = {value: values[value] for value in named[:VALUES]}
    rest = [values[value] for value in named[VALUES:]]
    return kept | {OTHER: summed([*rest, kept.get(OTHER, ZERO)])} if rest else kept


def by(measure: Measure, dimension: str) -> str:
    """The name of a measure's metric by one dimension."""
    if dimension == MOVING and measure.prometheus.endswith("_total"):
        return f"{measure.prometheus.removesuffix('_total')}_by_{dimension}"
    base = measure.prometheus.removesuffix("_total").removesuffix("_seconds")
    return f"{base}_by_{dimension}{measure.prometheus[len(base) :]}"


def _count(measure: Measure, tally: Tally) -> Family:
    return _family(measure)(measure.prometheus, measure.meaning, value=count_of(tally, measure.name))


def _counts_by(measure: Measure, dimension: str, values: Labelled) -> Family:
    kind = GaugeMetricFamily if dimension == MOVING else _family(measure)
    family = kind(by(measure, dimension), f"{measure.meaning}, by {dimension}", labels=[dimension])
    for value, tally in values.items():
        family.add_metric([value], count_of(tally, measure.name))
    return family


def _family(measure: Measure) -> type[CounterMetricFamily] | type[GaugeMetricFamily]:
    return CounterMetricFamily if measure.prometheus.endswith("_total") else GaugeMetricFamily


def _histogram(measure: Measure, dimension: str | None, values: Labelled) -> Family:
    name = by(measure, dimension) if dimension else measure.prometheus
    meaning = measure.meaning.partition(";")[0] + (f", by {dimension}" if dimension else "")
    family = HistogramMetricFamily(name, meaning, labels=[dimension] if dimension else [])
    took = measure.name.removeprefix("time_to_")
    for value, tally in values.items():
        found = times(tally, took)
        reached, buckets = 0, []
        for bound, count in zip((*BOUNDS_OF[took], INFINITE), found.buckets, strict=True):
            reached += count
            if bound in SHOWN_BOUNDS[took] or bound == INFINITE:
                buckets.append(("+Inf" if bound == INFINITE else str(bound), reached))
        family.add_metric([value] if dimension else [], buckets, found.microseconds / 1_000_000)
    return family
