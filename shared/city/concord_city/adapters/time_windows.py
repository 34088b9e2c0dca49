"""Parses time windows and durations: "22:00-06:00", "8 working hours"."""

import re
from collections.abc import Sequence
from datetime import timedelta
from itertools import pairwise
from typing import Any, Literal, cast

from concord_city.domain.model import MINUTES_OF_DAY, Span, WeekTimes

RANGE = re.compile(r"([0-9]{2}):([0-9]{2})\s*-\s*([0-9]{2}):([0-9]{2})")
SPAN = re.compile(r"([0-9]+(?:\.[0-9]+)?) (working|clock) hours?")
MAX_HOURS = 8760


class BadTime(Exception):
    """An invalid time or duration. The text says why."""


def clock_range(text: Any) -> tuple[int, int]:
    """Return start and end in minutes of the day, including 24:00. Raises BadTime."""
    match = RANGE.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise BadTime(f"{text!r} is not a time range")
    first, second, third, fourth = map(int, match.groups())
    start, end = first * 60 + second, third * 60 + fourth
    if second > 59 or fourth > 59 or start >= MINUTES_OF_DAY or end > MINUTES_OF_DAY:
        raise BadTime(f"{text!r} has an invalid time of day")
    if start == end:
        raise BadTime(f"{text!r} begins and ends at the same time")
    return start, end


def opening_windows(texts: Sequence[Any]) -> tuple[tuple[int, int], ...]:
    """Return the opening windows of one day, sorted. Raises BadTime when they overlap or pass midnight."""
    windows = sorted(clock_range(text) for text in texts)
    for start, end in windows:
        if end < start:
            raise BadTime("working hours must not pass midnight: give each day its own part")
    for (_, end), (start, _) in pairwise(windows):
        if start < end:
            raise BadTime("working hours of one day overlap")
    return tuple(windows)


def week_times(ranges: Sequence[Any] | None, weekdays: Sequence[int] | None) -> WeekTimes | None:
    """Return time windows by the weekdays on which they begin; None without ranges and weekdays. Raises BadTime."""
    if ranges is None and weekdays is None:
        return None
    windows = [clock_range(text) for text in ranges] if ranges is not None else [(0, MINUTES_OF_DAY)]
    days = range(7) if weekdays is None else sorted(weekdays)
    return WeekTimes(
        tuple(
            (day * MINUTES_OF_DAY + start, day * MINUTES_OF_DAY + end + (MINUTES_OF_DAY if end < start else 0))
            for day in days
            for start, end in windows
        )
    )


def span(text: str) -> Span:
    """Return a duration of at most a year. Raises BadTime."""
    match = SPAN.fullmatch(text)
    if match is None:
        raise BadTime(f"{text!r} is not a duration")
    hours = float(match.group(1))
    if not 0 < hours <= MAX_HOURS:
        raise BadTime(f"{text!r} is not between 0 and {MAX_HOURS} hours")
    return Span(timedelta(hours=hours), cast(Literal["working", "clock"], match.group(2)))
