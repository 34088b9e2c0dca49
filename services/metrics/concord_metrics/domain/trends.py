"""Trends: counts and medians by day, week or month."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from concord_metrics.domain.case_timeline import CaseTimeline, elapsed_times
from concord_metrics.domain.period import DAY, Period, midnight
from concord_metrics.domain.survival import estimate_duration

STEPS = ("day", "week", "month")
MAX_STEPS = 800
WEEK = timedelta(days=7)
WEEKS = 26
"""Half a year: 182 days."""


class TooManySteps(ValueError):
    """The trend would have more than MAX_STEPS steps. Remedy: longer steps or a shorter period."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step; `start` is its first local day.

    `received` and the medians (seconds, Kaplan-Meier) cover the concerns of this step. `resolved` counts the first
    resolutions in it, `kept` and `missed` the promises due in it. `open` counts the open cases at its end.
    """

    start: date
    received: int
    resolved: int
    kept: int
    missed: int
    open: int
    acknowledged_median: float | None
    resolved_median: float | None


def trend(timelines: Sequence[CaseTimeline], by: str, period: Period, as_of: datetime, zone: tzinfo) -> list[Step]:
    """Steps from the start of the period, or the first concern, to `as_of` or its end. Raises TooManySteps."""
    start = period.start or min((timeline.received_at for timeline in timelines), default=None)
    if start is None:
        return []
    end = min(period.end or as_of, as_of)
    starts = list(_starts(step_start(start.astimezone(zone).date(), by), by, end, zone))
    cohorts: dict[date, list[CaseTimeline]] = {}
    for timeline in timelines:
        if timeline.received_at in period:
            day = timeline.received_at.astimezone(zone).date()
            cohorts.setdefault(step_start(day, by), []).append(timeline)
    resolved = _counts((timeline.ends[-1] for timeline in timelines), by, period, zone)
    kept = _counts((due for timeline in timelines for due in timeline.kept), by, period, zone)
    missed = _counts((due for timeline in timelines for due in timeline.missed), by, period, zone)
    receipts = sorted(timeline.received_at for timeline in timelines)
    ends = sorted(timeline.ended_at for timeline in timelines if timeline.ended_at)
    steps = []
    for first in starts:
        until = min(midnight(next_step(first, by), zone), end)
        cohort = cohorts.get(first, [])
        steps.append(
            Step(
                first,
                len(cohort),
                resolved[first],
                kept[first],
                missed[first],
                bisect_left(receipts, until) - bisect_left(ends, until),
                _median(cohort, "human_acknowledgement", as_of),
                _median(cohort, "resolve", as_of),
            )
        )
    return steps


def step_start(day: date, by: str) -> date:
    """The first day of the step of a day; weeks start on Monday."""
    if by == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if by == "month" else day


def next_step(first: date, by: str) -> date:
    """The first day of the next step."""
    if by == "month":
        return (first + timedelta(days=31)).replace(day=1)
    return first + (WEEK if by == "week" else DAY)


def _starts(first: date, by: str, end: datetime, zone: tzinfo) -> Iterator[date]:
    count = 0
    while midnight(first, zone) < end:
        count += 1
        if count > MAX_STEPS:
            raise TooManySteps(f"more than {MAX_STEPS} steps")
        yield first
        first = next_step(first, by)


def _counts(moments: Iterator[datetime | None], by: str, period: Period, zone: tzinfo) -> Counter[date]:
    return Counter(
        step_start(moment.astimezone(zone).date(), by) for moment in moments if moment is not None and moment in period
    )


def _median(cohort: Sequence[CaseTimeline], name: str, as_of: datetime) -> float | None:
    times = elapsed_times(cohort, name, as_of)
    return estimate_duration((length, happened) for length, happened, _ in times).median


@dataclass(frozen=True, slots=True)
class DayCounts:
    """Concerns of one day of receipt, and how many of them have an acknowledgement or a resolution, at any time."""

    received: int = 0
    acknowledged: int = 0
    resolved: int = 0

    def __add__(self, other: "DayCounts") -> "DayCounts":
        return DayCounts(
            self.received + other.received, self.acknowledged + other.acknowledged, self.resolved + other.resolved
        )


def half_year_start(last: date) -> date:
    return last - WEEKS * WEEK + DAY


def by_week(days: Mapping[date, DayCounts], last: date) -> list[tuple[date, DayCounts]]:
    """The sums of the WEEKS weeks that end with `last`, each with its first day, the oldest first."""
    start = half_year_start(last)
    sums = [DayCounts()] * WEEKS
    for day, counts in days.items():
        week = (day - start) // WEEK
        if 0 <= week < WEEKS:
            sums[week] += counts
    return [(start + week * WEEK, counts) for week, counts in enumerate(sums)]
