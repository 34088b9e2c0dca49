"""Lengths of time counted in fixed buckets, so that sums over any group stay exact and cheap to keep."""

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime, timedelta

BOUNDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 14400.0, 86400.0, 259200.0, 604800.0)
"""Upper bounds of the buckets in seconds, inclusive (0.1 s to 7 days); one more bucket takes what is longer."""

HOUR = 3600.0
DAY = 24 * HOUR
_HOURS = (1 / 60, 1 / 4, 1, 4, 8)
_DAYS = (1, 2, 3, 5, 7, 14, 30, 60, 90, 180, 365)
PEOPLE_BOUNDS = (*(each * HOUR for each in _HOURS), *(each * DAY for each in _DAYS))
"""As many bounds for what people do: a minute to a year."""

BUCKETS = len(BOUNDS) + 1
MICROSECOND = timedelta(microseconds=1)


def elapsed(start: datetime, end: datetime) -> int:
    """Microseconds from start to end; 0 when the clock of the other machine runs behind."""
    return max(0, (end - start) // MICROSECOND)


def bucket(microseconds: int, bounds: Sequence[float] = BOUNDS) -> int:
    """The bucket, from 0, that a length of time falls into."""
    return bisect_left(bounds, microseconds / 1_000_000)
