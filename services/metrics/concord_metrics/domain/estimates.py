"""What answers say of a group of concerns: shown of ten or more, with the interval that so few answers leave open."""

from collections.abc import Mapping
from dataclasses import dataclass
from math import sqrt

LEAST = 10
"""Nothing is shown of fewer answers: somebody could be known by them."""
FEW = f"fewer than {LEAST} answers"
BESIDE = "hidden with another group of fewer than ten answers, which could be told from the rest"
CROSSED = "shown by one dimension at a time"
PARTIAL = "shown of whole calendar months"
Z95 = 1.959963984540054
"""The normal quantile that leaves 2.5 % on either side."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """A figure over `count` answers, with the 95 % interval of a share; all None with the reason in `suppressed`."""

    value: float | None
    low: float | None
    high: float | None
    count: int
    suppressed: str | None = None


def share(part: int, whole: int, suppressed: str | None = None) -> Estimate:
    """The share of answers that say so, with its Wilson interval."""
    suppressed = FEW if whole < LEAST else suppressed
    if suppressed:
        return Estimate(None, None, None, whole, suppressed)
    return Estimate(part / whole, *wilson(part, whole), whole)


def mean(total: float, count: int, suppressed: str | None = None) -> Estimate:
    """The mean over answers, without an interval."""
    suppressed = FEW if count < LEAST else suppressed
    return Estimate(None if suppressed else total / count, None, None, count, suppressed)


def wilson(part: int, whole: int) -> tuple[float, float]:
    """The 95 % score interval of a share (Wilson, 1927), which holds for few cases too; `whole` above 0."""
    share, squared = part / whole, Z95 * Z95
    middle = share + squared / (2 * whole)
    spread = Z95 * sqrt(share * (1 - share) / whole + squared / (4 * whole * whole))
    base = 1 + squared / whole
    return max(0.0, (middle - spread) / base), min(1.0, (middle + spread) / base)


def hidden(counts: Mapping[str, int]) -> dict[str, str]:
    """Which groups of one whole may not be shown, and why, so that none of fewer than ten can be told by subtraction.

    When those hidden have fewer than ten answers together, the whole less the others would show them: so the next
    smallest is hidden too.
    """
    found = {name: FEW for name, count in counts.items() if count < LEAST}
    together = sum(counts[name] for name in found)
    rest = sorted((count, name) for name, count in counts.items() if name not in found)
    while 0 < together < LEAST and rest:
        count, name = rest.pop(0)
        found[name] = BESIDE
        together += count
    return found
