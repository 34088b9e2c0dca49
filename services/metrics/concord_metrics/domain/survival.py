"""Durations of steps that some concerns still wait for: the Kaplan-Meier estimator (1958).

Without the waiting concerns, a team that leaves its hard cases open would look quick. So a waiting concern is censored:
it took at least as long as it has waited.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter

HALF = 0.5
TENTH = 0.1
"""Share of concerns that still wait at the 90th percentile."""
TOLERANCE = 1e-12
SECOND = 1_000_000
_length = itemgetter(0)


@dataclass(frozen=True, slots=True)
class Duration:
    """Duration of a step in seconds, over `count` concerns that reached it and `waiting` censored ones.

    `median` and `p90` are Kaplan-Meier estimates: None if too many concerns still wait. `reached` is the share that
    the estimate reaches, None without any concern. `mean` covers the `count` alone, so it is too low while others wait.
    """

    count: int
    waiting: int
    mean: float | None
    median: float | None
    p90: float | None
    reached: float | None


def estimate_duration(lengths: Iterable[tuple[int, bool]]) -> Duration:
    """The duration from microseconds in rising order, each with whether the step has happened."""
    times = list(lengths)
    ended = [length for length, happened in times if happened]
    median, p90, reached = _quantiles(times)
    mean = sum(ended) / SECOND / len(ended) if ended else None
    return Duration(len(ended), len(times) - len(ended), mean, median, p90, reached)


def _quantiles(times: list[tuple[int, bool]]) -> tuple[float | None, float | None, float | None]:
    """Median, 90th percentile and share reached.

    Between two censored cases the product telescopes to one quotient, so the result is exact without any.
    """
    median = p90 = None
    at_risk = base_risk = len(times)
    base = surviving = 1.0
    for length, group in groupby(times, key=_length):
        cases = list(group)
        ended = sum(happened for _, happened in cases) if len(cases) > 1 else cases[0][1]
        if ended:
            surviving = base * ((at_risk - ended) / base_risk)
            if p90 is None and surviving <= HALF + TOLERANCE:
                median = length / SECOND if median is None else median
                p90 = length / SECOND if surviving <= TENTH + TOLERANCE else None
        at_risk -= len(cases)
        if ended < len(cases):
            base, base_risk = surviving, max(1, at_risk)
    return median, p90, 1.0 - surviving if times else None
