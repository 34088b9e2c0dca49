"""Merge functions for values from events in any order, late or repeated.

Each function is commutative, associative and idempotent, so every order of the events gives the same result.
"""

from datetime import datetime
from typing import Any, TypeVar

T = TypeVar("T", bound=Any)


def earliest(one: datetime | None, other: datetime | None) -> datetime | None:
    if one is None or other is None:
        return one or other
    return min(one, other)


def highest(one: T | None, other: T | None) -> T | None:
    if one is None or other is None:
        return one or other
    return max(one, other)
