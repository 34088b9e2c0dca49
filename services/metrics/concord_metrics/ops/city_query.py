"""The city's figures for the page: the one place where it asks for them, as of one day."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from concord_metrics.domain.aggregates import summed
from concord_metrics.domain.area_figures import AREA
from concord_metrics.domain.case_timeline import NO_TIMES, Times, durations
from concord_metrics.domain.concern_facts import Fact
from concord_metrics.domain.period import DAY, Period, midnight
from concord_metrics.domain.promises import Promise
from concord_metrics.domain.recent_events import Latest
from concord_metrics.domain.summary import Figures, figures
from concord_metrics.domain.trends import WEEK, DayCounts, by_week, first_of_half_year
from concord_metrics.ports import OpsStore

AT_WORK = 0.01
"""When the last half year has less than this share of all concerns, what is kept is a history: it is shown as of its
last day, also when a few concerns have come in since."""
LATEST = 14
AT_RISK = 6


@dataclass(frozen=True, slots=True)
class PeriodReading:
    """The figures of concerns that came in during a period; NONE as an area stands for those without one."""

    totals: Figures
    areas: Mapping[str, Figures]


@dataclass(frozen=True, slots=True)
class CityReading:
    """`as_of` is today, or the last day of a history, since when `since` concerns came in.

    `overall` is of all days; `day`, `week` and `half_year` end with `as_of`; only the half year has times.
    """

    today: date
    as_of: date
    since: int
    overall: Figures
    day: PeriodReading
    week: PeriodReading
    half_year: PeriodReading
    weeks: Sequence[tuple[date, DayCounts]]
    latest: Sequence[Latest]
    at_risk: Sequence[tuple[Fact, Promise]]


TimesOf = Callable[[OpsStore, Period, datetime], Times]
"""How long things took, of the concerns of a period, or have waited until a moment: slow, so it may be kept a while."""


def times_by_area(store: OpsStore, period: Period, as_of: datetime) -> Times:
    return durations(store.courses(period), as_of, (AREA,))


def read_city(store: OpsStore, now: datetime, zone: tzinfo, times_of: TimesOf = times_by_area) -> CityReading:
    """Everything, in the transaction of `store`."""
    today = now.astimezone(zone).date()
    overall = figures(summed(store.counts_by_area(None, None).values()))
    recent = sum(each.received for each in store.by_day(first_of_half_year(today), today).values())
    before = store.last_day(first_of_half_year(today) - DAY)
    as_of = day_shown(today, before, recent, overall.received)
    first, end = first_of_half_year(as_of), midnight(as_of + DAY, zone)
    half_year = Period(midnight(first, zone), end)
    return CityReading(
        today=today,
        as_of=as_of,
        since=0 if as_of == today else recent,
        overall=overall,
        day=_period(store, as_of, as_of),
        week=_period(store, as_of - WEEK + DAY, as_of),
        half_year=_period(store, first, as_of, times_of(store, half_year, min(now, end))),
        weeks=by_week(store.by_day(first, as_of), as_of),
        latest=store.latest(LATEST),
        at_risk=_soonest(store.at_risk(AT_RISK)),
    )


def day_shown(today: date, before: date | None, recent: int, overall: int) -> date:
    """Today, or `before`, the last day before the half year to today on which a concern came in, when all but `recent`
    of the `overall` concerns are that old."""
    return today if before is None or recent >= AT_WORK * overall else before


def _period(store: OpsStore, first: date, last: date, times: Times | None = None) -> PeriodReading:
    found = store.counts_by_area(first, last)
    of_all, of_areas = (times.whole, times.groups[AREA]) if times else (NO_TIMES, {})
    areas = {code: figures(tally, of_areas.get(code, NO_TIMES)) for code, tally in found.items() if any(tally)}
    return PeriodReading(figures(summed(found.values()), of_all), areas)


def _soonest(facts: Sequence[Fact]) -> list[tuple[Fact, Promise]]:
    found = [(fact, promise) for fact in facts for promise in fact.at_risk]
    return sorted(found, key=lambda each: (each[1].due_at, each[1].promise_id))[:AT_RISK]
