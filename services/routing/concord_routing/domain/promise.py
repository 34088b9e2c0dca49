"""A promise: what the resident was told would be done by when, and what became of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from concord_contracts.messages.promises import PROMISES

ACKNOWLEDGEMENT, RESPONSE, AGREED = PROMISES
BY_RULES, BY_OFFICER, BY_HISTORY = "rules", "officer", "history"

OPEN, KEPT, MISSED, VOID = PROMISE_STATES = ("open", "kept", "missed", "void")
AT_RISK = "at_risk"
STANDINGS = (AT_RISK, MISSED)
"""What a case may be filtered by: the worst of its promises that is not done yet."""

ANSWERS = ("refer", "resolve", "decline")
WORDS = ("acknowledge", "update", "promise", *ANSWERS)
KEPT_BY: Mapping[str, tuple[str, ...]] = {ACKNOWLEDGEMENT: WORDS, RESPONSE: ANSWERS, AGREED: ANSWERS}
"""The commands that do what was promised. An update may also keep what was agreed, when the officer says so."""


@dataclass(frozen=True, slots=True)
class Promise:
    """One of a case's, counted by `number`. Times are UTC.

    `done_at` is when it was done, in time or late. `wake_at` is when a timer must look at it: when it comes to be at
    risk, then when it is due; None when there is nothing more to see.
    """

    case_id: str
    number: int
    kind: str
    origin: str
    made_at: datetime
    due_at: datetime
    at_risk_at: datetime
    wake_at: datetime | None
    state: str = OPEN
    at_risk: bool = False
    done_at: datetime | None = None

    @property
    def promise_id(self) -> str:
        return promise_id(self.case_id, self.number)

    @property
    def outstanding(self) -> bool:
        """It was missed, and is still not done."""
        return self.state == MISSED and self.done_at is None


def promise_id(case_id: str, number: int) -> str:
    return f"{case_id}-{number}"


def risk_time(since: datetime, due_at: datetime, share: float) -> datetime:
    """When only `share` (0 to 1) of the time between the two is left; for what was due before it began, when due."""
    return due_at - max(due_at - since, timedelta(0)) * share


def noticed(due_at: datetime, now: datetime) -> str:
    """What a promise that a timer was woken for has come to at `now`: one of STANDINGS."""
    return MISSED if due_at < now else AT_RISK


def marked(promise: Promise, came_to: str) -> Promise:
    """An open promise as it is kept when a timer has noticed what it came to."""
    if came_to == MISSED:
        return replace(promise, state=MISSED, wake_at=None)
    return replace(promise, at_risk=True, wake_at=promise.due_at)


def after(promise: Promise, command: str, now: datetime, *, agreed: bool = False) -> Promise:
    """What a command at `now` makes of it; `agreed`: it does what an officer had agreed."""
    if not (promise.state == OPEN or promise.outstanding):
        return promise
    if command == "withdraw" and promise.state == OPEN and now <= promise.due_at:
        return replace(promise, state=VOID, wake_at=None)
    if command in KEPT_BY[promise.kind] or command == "withdraw" or (agreed and promise.kind == AGREED):
        return _done(promise, now)
    return promise


def _done(promise: Promise, now: datetime) -> Promise:
    in_time = promise.state == OPEN and now <= promise.due_at
    return replace(promise, state=KEPT if in_time else MISSED, done_at=now, wake_at=None)


def moved(promise: Promise, due_at: datetime, share: float, now: datetime) -> Promise:
    """The promise with another time, given at `now`."""
    at_risk_at = risk_time(now, due_at, share)
    return replace(promise, due_at=due_at, at_risk_at=at_risk_at, wake_at=at_risk_at, at_risk=False)


def standing(promises: Iterable[Promise]) -> str | None:
    """One of STANDINGS for a case with these promises; None when all is well."""
    seen = list(promises)
    if any(each.outstanding for each in seen):
        return MISSED
    return AT_RISK if any(each.state == OPEN and each.at_risk for each in seen) else None
