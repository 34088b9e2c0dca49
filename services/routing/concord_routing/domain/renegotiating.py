"""Which promise an order means, and whether it can still get another time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from concord_city import City
from concord_routing.domain.commands import BadOrder, Renegotiate
from concord_routing.domain.promise import OPEN, Promise, moved

LONGEST = timedelta(days=366)
"""Nobody is helped by a promise for the day after."""


class PromiseOver(Exception):
    """It is due, kept, missed or void: nothing can be renegotiated. Remedy: give the resident a word, promise anew."""

    def __init__(self, promise: Promise) -> None:
        super().__init__(f"{promise.promise_id} is {promise.state}")
        self.promise = promise


def check_due(due_at: datetime, now: datetime) -> None:
    """Raises BadOrder unless it is in the future, at most LONGEST away."""
    if due_at <= now:
        raise BadOrder("due_at", "Must be in the future.")
    if due_at > now + LONGEST:
        raise BadOrder("due_at", f"Must be within {LONGEST.days} days.")


def renegotiated(order: Renegotiate, promises: Sequence[Promise], city: City, now: datetime) -> tuple[Promise, Promise]:
    """The promise that is meant, and with its new time. Raises BadOrder, PromiseOver."""
    before = _meant(order.promise, promises)
    if before.state != OPEN or before.due_at <= now:
        raise PromiseOver(before)
    check_due(order.due_at, now)
    return before, moved(before, order.due_at, city.at_risk_share, now)


def _meant(named: str, promises: Sequence[Promise]) -> Promise:
    """By its id, or by its kind: the one that is open, else the last."""
    found = [each for each in promises if named in (each.promise_id, each.kind)]
    if not found:
        kinds = dict.fromkeys(each.kind for each in promises)
        raise BadOrder("promise", f"The case has no such promise; it has: {', '.join(kinds) or 'none'}.")
    still_open = [each for each in found if each.state == OPEN]
    if len(still_open) > 1:
        raise BadOrder("promise", f"Say which one: {', '.join(each.promise_id for each in still_open)}.")
    return (still_open or found)[-1]
