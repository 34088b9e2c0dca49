"""What came in, was done and was missed, day by day, week by week or month by month."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo

from concord_metrics.domain.case_timeline import Course, lengths
from concord_metrics.domain.period import DAY, Period, midnight
from concord_metrics.domain.survival import duration

STEPS = ("day", "week", "month")
MOST_STEPS = 800
WEEK = timedelta(days=7)
WEEKS = 26
"""Half a year: 182 days."""


class TooManySteps(ValueError):
    """More than MOST_STEPS would be shown: choose longer steps or a shorter period."""


@dataclass(frozen=True, slots=True)
class Step:
    """One step, named by its first local day.

    `received` and the medians (seconds, Kaplan-Meier) are of the concerns that came in during it; the others count
    when they were: `resolved` the first resolutions, `kept` and `missed` the promises that were due in it. `open` are
    the concerns that had come in and not ended when it ended.
    """

    start: date
    received: int
    resolved: int
    kept: int
    missed: int
    open: int
    acknowledged_median: float | None
    resolved_median: float | None


def trend(courses: Sequence[Course], by: str, period: Period, as_of: datetime, zone: tzinfo) -> list[Step]:
    """The steps from the first concern, or the period's begin, to `as_of` or its end. Raises TooManySteps."""
    start = period.start or min((each.received_at for each in courses), default=None)
    if start is None:
        return []
    end = min(period.end or as_of, as_of)
    firsts = list(_firsts(first_of(start.astimezone(zone).date(), by), by, end, zone))
    cohorts: dict[date, list[Course]] = {}
    for each in courses:
        if _within(each.received_at, period):
            cohorts.setdefault(first_of(each.received_at.astimezone(zone).date(), by), []).append(each)
    resolved = _counted((each.ends[-1] for each in courses), by, period, zone)
    kept = _counted((due for each in courses for due in each.kept), by, period, zone)
    missed = _counted((due for each in courses for due in each.missed), by, period, zone)
    came = sorted(each.received_at for each in courses)
    went = sorted(each.ended_at for each in courses if each.ended_at)
    steps = []
    for first in firsts:
        until = min(midnight(next_of(first, by), zone), end)
        cohort = cohorts.get(first, [])
        steps.append(
            Step(
                first,
                len(cohort),
                resolved[first],
                kept[first],
                missed[first],
                bisect_left(came, until) - bisect_left(went, until),
                _median(cohort, "human_acknowledgement", as_of),
                _median(cohort, "resolve", as_of),
            )
        )
    return steps


def first_of(day: date, by: str) -> date:
    """The first day of the step that a day is in; weeks begin on Monday."""
    if by == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if by == "month" else day


def next_of(first: date, by: str) -> date:
    """The first day of the next step."""
    if by == "month":
        return (first + timedelta(days=31)).replace(day=1)
    return first + timedelta(days=7 if by == "week" else 1)


def _firsts(first: date, by: str, end: datetime, zone: tzinfo) -> Iterator[date]:
    count = 0
    while midnight(first, zone) < end:
        count += 1
        if count > MOST_STEPS:
            raise TooManySteps(f"more than {MOST_STEPS} steps")
        yield first
        first = next_of(first, by)


def _within(moment: datetime, period: Period) -> bool:
    return not (period.start and moment < period.start) and not (period.end and moment >= period.end)


def _counted(moments: Iterator[datetime | None], by: str, period: Period, zone: tzinfo) -> Counter[date]:
    return Counter(
        first_of(each.astimezone(zone).date(), by) for each in moments if each is not None and _within(each, period)
    )


def _median(cohort: Sequence[Course], name: str, as_of: datetime) -> float | None:
    found = lengths(cohort, name, as_of)
    return duration((length, happened) for length, happened, _ in found).median


@dataclass(frozen=True, slots=True)
class DayCounts:
    """Concerns that came in, and of these how many a person has acknowledged and a team resolved, whenever."""

    received: int = 0
    acknowledged: int = 0
    resolved: int = 0

    def __add__(self, other: "DayCounts") -> "DayCounts":
        return DayCounts(
            self.received + other.received, self.acknowledged + other.acknowledged, self.resolved + other.resolved
        )


def first_of_half_year(last: date) -> date:
    return last - WEEKS * WEEK + DAY


def by_week(days: Mapping[date, DayCounts], last: date) -> list[tuple[date, DayCounts]]:
    """The sums of the WEEKS weeks that end with `last`, each with its first day, the oldest first."""
    start = first_of_half_year(last)
    sums = [DayCounts()] * WEEKS
    for day, counts in days.items():
        place = (day - start) // WEEK
        if 0 <= place < WEEKS:
            sums[place] += counts
    return [(start + place * WEEK, counts) for place, counts in enumerate(sums)]
