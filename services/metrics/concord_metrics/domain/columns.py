"""What a tally sums, and where: counts of concerns, microseconds that things took, concerns per bucket of those.

The columns fall in two parts. Every concern moves those of its WAY to a team; only what people do moves those of the
WORK, which are kept apart so that the many events of the way need not carry them.
"""

from collections.abc import Mapping, Sequence

from concord_metrics.domain.histogram import BOUNDS, BUCKETS, PEOPLE_BOUNDS

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
COUNTS = (*WAY_COUNTS, *WORK_COUNTS)

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
COLUMNS = (*WAY, *WORK)

AT: Mapping[str, int] = {name: index for index, name in enumerate(COLUMNS)}
"""The place of each column in a tally."""
FIRST_BUCKET: Mapping[str, int] = {each: AT[f"{each}_00"] for each in TIMES}
SUM: Mapping[str, int] = {each: AT[f"{each}_us"] for each in TIMES}
