"""How two tellings of one thing are put together.

Each join is commutative, associative and idempotent, so the same tellings end alike in any order, late or twice.
"""

from datetime import datetime
from typing import Any, TypeVar

T = TypeVar("T", bound=Any)


def earliest(known: datetime | None, told: datetime | None) -> datetime | None:
    if known is None or told is None:
        return known or told
    return min(known, told)


def highest(known: T | None, told: T | None) -> T | None:
    if known is None or told is None:
        return known or told
    return max(known, told)
