"""Column layout of an aggregate: counts, sums of microseconds, and the number of concerns per histogram bucket.

The columns form four groups, and each group has its own table, so an event writes only the groups that it changes.
ROUTING changes with every concern. ACTIONS holds the teams' actions, PROMISES their promises, FEEDBACK the residents'
answers and the notices to them.
"""

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

BOUNDS = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 900.0, 3600.0, 14400.0, 86400.0, 259200.0, 604800.0)
"""Inclusive upper bounds in seconds for automatic steps: 0.1 s to 7 days. One more bucket takes longer times."""

HOUR = 3600.0
DAY = 24 * HOUR
_HOURS = (1 / 60, 1 / 4, 1, 4, 8)
_DAYS = (1, 2, 3, 5, 7, 14, 30, 60, 90, 180, 365)
HUMAN_BOUNDS = (*(hours * HOUR for hours in _HOURS), *(days * DAY for days in _DAYS))
"""As many bounds for human actions: a minute to a year."""

BUCKETS = len(BOUNDS) + 1
MICROSECOND = timedelta(microseconds=1)

ROUTING_COUNTS = (
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
ACTION_COUNTS = ("acknowledged", "referred", "resolved", "declined", "closed", "reopened", "reopenings")
PROMISES = (
    "promises_made",
    "promises_open",
    "promises_at_risk",
    "promises_kept",
    "promises_missed",
    "promises_renegotiated",
)
FEEDBACK_COUNTS = ("withdrawn", "silent", "reopen_requested", "tellable", "told", "invited", "answered")
ANSWERS = ("fixed", "rated", "heard", "heard_twelfths")
"""Sums over survey answers. `domain.estimates` decides which of them an answer may show."""
COUNTS = (*ROUTING_COUNTS, *ACTION_COUNTS, *PROMISES, *FEEDBACK_COUNTS)

ROUTING_TIMES = ("route", "acknowledge")
ACTION_TIMES = ("human_acknowledgement", "first_word", "resolve")
TIMES = (*ROUTING_TIMES, *ACTION_TIMES)
BOUNDS_OF: Mapping[str, Sequence[float]] = {
    **dict.fromkeys(ROUTING_TIMES, BOUNDS),
    **dict.fromkeys(ACTION_TIMES, HUMAN_BOUNDS),
}


def _columns(counts: Sequence[str], times: Sequence[str]) -> tuple[str, ...]:
    buckets = (f"{name}_{index:02}" for name in times for index in range(BUCKETS))
    return (*counts, *(f"{name}_us" for name in times), *buckets)


ROUTING = _columns(ROUTING_COUNTS, ROUTING_TIMES)
ACTIONS = _columns(ACTION_COUNTS, ACTION_TIMES)
FEEDBACK = (*FEEDBACK_COUNTS, *ANSWERS)
COLUMN_GROUPS = (ROUTING, ACTIONS, PROMISES, FEEDBACK)
COLUMNS = (*ROUTING, *ACTIONS, *PROMISES, *FEEDBACK)

COLUMN_INDEX: Mapping[str, int] = {name: index for index, name in enumerate(COLUMNS)}
"""The position of each column in an aggregate."""
FIRST_BUCKET: Mapping[str, int] = {name: COLUMN_INDEX[f"{name}_00"] for name in TIMES}
SUM_INDEX: Mapping[str, int] = {name: COLUMN_INDEX[f"{name}_us"] for name in TIMES}


def elapsed(start: datetime, end: datetime) -> int:
    """Microseconds from start to end; 0 if the clock of the other machine runs behind."""
    return max(0, (end - start) // MICROSECOND)


def bucket(microseconds: int, bounds: Sequence[float] = BOUNDS) -> int:
    """Index of the bucket for a time in microseconds."""
    return bisect_left(bounds, microseconds / 1_000_000)
