"""Counts over time: by the day on which concerns came in, and by week."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

WEEK = timedelta(days=7)
DAY = timedelta(days=1)
WEEKS = 26
"""Half a year: 182 days."""


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
