"""Survey estimates: shares and means of answers, with small-cell suppression."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

MIN_ANSWERS = 10
"""With fewer answers a reader could identify a reporter."""
TOO_FEW = f"fewer than {MIN_ANSWERS} answers"
COMPLEMENT = f"complementary suppression: the total would reveal another group with fewer than {MIN_ANSWERS} answers"
TWO_DIMENSIONS = "available by one dimension at a time"
PARTIAL_MONTHS = "available for whole calendar months"
Z95 = 1.959963984540054
"""Normal quantile with 2.5 % on either side."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure from `count` answers, with the 95 % interval of a share.

    A suppressed estimate has the reason in `suppressed`; its other fields but `count` are None.
    """

    value: float | None
    low: float | None
    high: float | None
    count: int
    suppressed: str | None = None


def share(part: int, whole: int, suppressed: str | None = None) -> Estimate:
    """The share of `part` answers in `whole`, with its Wilson interval."""
    suppressed = TOO_FEW if whole < MIN_ANSWERS else suppressed
    if suppressed:
        return Estimate(None, None, None, whole, suppressed)
    return Estimate(part / whole, *wilson(part, whole), whole)


def mean(total: float, count: int, suppressed: str | None = None) -> Estimate:
    """The mean over answers, without an interval."""
    suppressed = TOO_FEW if count < MIN_ANSWERS else suppressed
    return Estimate(None if suppressed else total / count, None, None, count, suppressed)


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson, 1927), which is valid for few cases too; `whole` is above 0."""
    share, squared = part / whole, Z95 * Z95
    middle = share + squared / (2 * whole)
    spread = Z95 * sqrt(share * (1 - share) / whole + squared / (4 * whole * whole))
    base = 1 + squared / whole
    return max(0.0, (middle - spread) / base), min(1.0, (middle + spread) / base)


def suppressed_groups(counts: Mapping[str, int]) -> dict[str, str]:
    """The groups of one whole that stay hidden, with the reason.

    A group with fewer than MIN_ANSWERS answers stays hidden. If all hidden groups together have fewer, the total less
    the visible groups would reveal them: complementary suppression then hides the next smallest group too.
    """
    reasons = {name: TOO_FEW for name, count in counts.items() if count < MIN_ANSWERS}
    hidden_answers = sum(counts[name] for name in reasons)
    visible = sorted((count, name) for name, count in counts.items() if name not in reasons)
    while 0 < hidden_answers < MIN_ANSWERS and visible:
        count, name = visible.pop(0)
        reasons[name] = COMPLEMENT
        hidden_answers += count
    return reasons
