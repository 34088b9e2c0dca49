"""Query of the city's figures for the ops page, as of one day."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from concord_metrics.domain.aggregates import sum_aggregates
from concord_metrics.domain.area_figures import AREA
from concord_metrics.domain.case_timeline import NO_DURATIONS, DurationsByGroup, durations
from concord_metrics.domain.concern_facts import Fact
from concord_metrics.domain.period import DAY, Period, midnight
from concord_metrics.domain.promises import Promise
from concord_metrics.domain.recent_events import RecentEvent
from concord_metrics.domain.summary import Figures, figures
from concord_metrics.domain.trends import WEEK, DayCounts, by_week, half_year_start
from concord_metrics.ports import OpsStore

LIVE_SHARE_THRESHOLD = 0.01
"""With a smaller share of concerns from the last half year, the database holds a history.

The page then shows the figures as of the last day of the history, even after a few later concerns.
"""
MAX_EVENTS = 14
MAX_AT_RISK = 6


@dataclass(frozen=True, slots=True)
class PeriodFigures:
    """The figures of the concerns received in a period; the area NONE holds those without an area."""

    totals: Figures
    areas: Mapping[str, Figures]


@dataclass(frozen=True, slots=True)
class CityFigures:
    """`as_of` is today, or the last day of a history; `since` counts the concerns after it.

    `overall` covers all days; `day`, `week` and `half_year` end with `as_of`. Only the half year has times.
    """

    today: date
    as_of: date
    since: int
    overall: Figures
    day: PeriodFigures
    week: PeriodFigures
    half_year: PeriodFigures
    weeks: Sequence[tuple[date, DayCounts]]
    latest: Sequence[RecentEvent]
    at_risk: Sequence[tuple[Fact, Promise]]


DurationQuery = Callable[[OpsStore, Period, datetime], DurationsByGroup]
"""Returns the durations of a period's concerns as of a moment. It is slow, so an implementation may cache."""


def durations_by_area(store: OpsStore, period: Period, as_of: datetime) -> DurationsByGroup:
    return durations(store.timelines(period), as_of, (AREA,))


def read_city(
    store: OpsStore, now: datetime, zone: tzinfo, query_durations: DurationQuery = durations_by_area
) -> CityFigures:
    """All figures, in the transaction of `store`."""
    today = now.astimezone(zone).date()
    overall = figures(sum_aggregates(store.counts_by_area(None, None).values()))
    recent = sum(counts.received for counts in store.counts_by_day(half_year_start(today), today).values())
    before = store.last_day(half_year_start(today) - DAY)
    as_of = shown_day(today, before, recent, overall.received)
    first, end = half_year_start(as_of), midnight(as_of + DAY, zone)
    half_year = Period(midnight(first, zone), end)
    return CityFigures(
        today=today,
        as_of=as_of,
        since=0 if as_of == today else recent,
        overall=overall,
        day=_period(store, as_of, as_of),
        week=_period(store, as_of - WEEK + DAY, as_of),
        half_year=_period(store, first, as_of, query_durations(store, half_year, min(now, end))),
        weeks=by_week(store.counts_by_day(first, as_of), as_of),
        latest=store.recent_events(MAX_EVENTS),
        at_risk=_by_due_time(store.at_risk(MAX_AT_RISK)),
    )


def shown_day(today: date, before: date | None, recent: int, overall: int) -> date:
    """The day to show: today, or the last day of a history.

    `before` is the last day with a concern that precedes the last half year; `recent` of the `overall` concerns are
    from that half year.
    """
    return today if before is None or recent >= LIVE_SHARE_THRESHOLD * overall else before


def _period(store: OpsStore, first: date, last: date, times: DurationsByGroup | None = None) -> PeriodFigures:
    aggregates = store.counts_by_area(first, last)
    of_all, of_areas = (times.total, times.groups[AREA]) if times else (NO_DURATIONS, {})
    areas = {
        code: figures(aggregate, of_areas.get(code, NO_DURATIONS))
        for code, aggregate in aggregates.items()
        if any(aggregate)
    }
    return PeriodFigures(figures(sum_aggregates(aggregates.values()), of_all), areas)


def _by_due_time(facts: Sequence[Fact]) -> list[tuple[Fact, Promise]]:
    pairs = [(fact, promise) for fact in facts for promise in fact.at_risk]
    return sorted(pairs, key=lambda pair: (pair[1].due_at, pair[1].promise_id))[:MAX_AT_RISK]
