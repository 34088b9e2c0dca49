"""What a tally sums, and where: counts of concerns, microseconds that things took, concerns per bucket of those.

The columns fall in parts, which are kept apart so that the many events of one need not carry those of the others:
every concern moves those of its WAY to a team; only what people do moves those of the WORK, what they promise those of
the PROMISES, what the reporter is told and says those of the VOICE.
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
