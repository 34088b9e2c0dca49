"""How long something takes when it has not happened to all yet: the estimate of Kaplan and Meier (1958).

Leaving out what still waits would call a team quick that leaves the hard cases lying; so a case that waits counts as
one that has taken at least as long as it has waited ("censored").
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

HALF = 0.5
TENTH = 0.1
"""The shares that are still waiting at the median and at the 90th percentile."""
EQUAL = 1e-12
SECOND = 1_000_000
_length = itemgetter(0)


@dataclass(frozen=True, slots=True)
class Duration:
    """Seconds that something took, over `count` concerns to which it happened; `waiting` others are censored.

    `median` and `p90` are Kaplan-Meier's: None when the estimate does not reach them, because too many still wait;
    `reached` is the share that it does reach, None without any. `mean` is of the `count` alone, and so too low while
    others wait.
    """

    count: int
    waiting: int
    mean: float | None
    median: float | None
    p90: float | None
    reached: float | None


def duration(lengths: Iterable[tuple[int, bool]]) -> Duration:
    """From microseconds in rising order, each with whether it happened (or still waits)."""
    times = list(lengths)
    done = [length for length, happened in times if happened]
    median, p90, reached = _walk(times)
    mean = sum(done) / SECOND / len(done) if done else None
    return Duration(len(done), len(times) - len(done), mean, median, p90, reached)


def _walk(times: list[tuple[int, bool]]) -> tuple[float | None, float | None, float | None]:
    """Median, 90th percentile and share reached.

    Between two censored cases the product telescopes to one quotient, so that without any the result is exact.
    """
    median = p90 = None
    at_risk = base_risk = len(times)
    base = left = 1.0
    for length, together in groupby(times, key=_length):
        cases = list(together)
        ended = sum(happened for _, happened in cases) if len(cases) > 1 else cases[0][1]
        if ended:
            left = base * ((at_risk - ended) / base_risk)
            if p90 is None and left <= HALF + EQUAL:
                median = length / SECOND if median is None else median
                p90 = length / SECOND if left <= TENTH + EQUAL else None
        at_risk -= len(cases)
        if ended < len(cases):
            base, base_risk = left, max(1, at_risk)
    return median, p90, 1.0 - left if times else None
