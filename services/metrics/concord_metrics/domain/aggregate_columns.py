"""What a tally sums, and where: counts of concerns, microseconds that things took, concerns per bucket of those.

The columns fall in parts, which are kept apart so that the many events of one need not carry those of the others:
every concern moves those of its WAY to a team; only what people do moves those of the WORK, what they promise those of
the PROMISES, what the reporter is told and says those of the VOICE.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
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

WAY_COUNTS = (
    "received",
    "routed",
    "unroutable",
    "in_triage",
    "border",
    "decided",
    "open",
    "measured",
    "notified",
    "notification_failed",
)
WORK_COUNTS = ("acknowledged", "referred", "resolved", "declined", "closed", "reopened", "reopenings")
PROMISES = (
    "promises_made",
    "promises_open",
    "promises_at_risk",
    "promises_kept",
    "promises_missed",
    "promises_renegotiated",
)
VOICE_COUNTS = ("withdrawn", "silent", "reopen_requested", "tellable", "told", "invited", "answered")
ANSWERS = ("fixed", "rated", "heard", "heard_twelfths")
"""What answers say: counted, but shown only of ten or more, see `suppression`."""
COUNTS = (*WAY_COUNTS, *WORK_COUNTS, *PROMISES, *VOICE_COUNTS)

WAY_TIMES = ("route", "acknowledge")
WORK_TIMES = ("human_acknowledgement", "first_word", "resolve")
TIMES = (*WAY_TIMES, *WORK_TIMES)
BOUNDS_OF: Mapping[str, Sequence[float]] = {
    **dict.fromkeys(WAY_TIMES, BOUNDS),
    **dict.fromkeys(WORK_TIMES, PEOPLE_BOUNDS),
}


def _columns(counts: Sequence[str], times: Sequence[str]) -> tuple[str, ...]:
    buckets = (f"{each}_{index:02}" for each in times for index in range(BUCKETS))
    return (*counts, *(f"{each}_us" for each in times), *buckets)


WAY = _columns(WAY_COUNTS, WAY_TIMES)
WORK = _columns(WORK_COUNTS, WORK_TIMES)
VOICE = (*VOICE_COUNTS, *ANSWERS)
PARTS = (WAY, WORK, PROMISES, VOICE)
COLUMNS = (*WAY, *WORK, *PROMISES, *VOICE)

AT: Mapping[str, int] = {name: index for index, name in enumerate(COLUMNS)}
"""The place of each column in a tally."""
FIRST_BUCKET: Mapping[str, int] = {each: AT[f"{each}_00"] for each in TIMES}
SUM: Mapping[str, int] = {each: AT[f"{each}_us"] for each in TIMES}


def elapsed(start: datetime, end: datetime) -> int:
    """Microseconds from start to end; 0 when the clock of the other machine runs behind."""
    return max(0, (end - start) // MICROSECOND)


def bucket(microseconds: int, bounds: Sequence[float] = BOUNDS) -> int:
    """The bucket, from 0, that a length of time falls into."""
    return bisect_left(bounds, microseconds / 1_000_000)
