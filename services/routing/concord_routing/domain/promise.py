"""A promise to the resident: how routing makes it, and how time and commands change it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from concord_city import Assignment, City, Located, Rule, decide, promise
from concord_city import Promise as PromisedTimes
from concord_contracts.messages.promises import PROMISES
from concord_routing.domain.case import Case
from concord_routing.domain.command_spec import InvalidCommand

ACKNOWLEDGEMENT, RESPONSE, AGREED = PROMISES
BY_RULES, BY_OFFICER, BY_HISTORY = "rules", "officer", "history"

OPEN, KEPT, MISSED, VOID = PROMISE_STATES = ("open", "kept", "missed", "void")
AT_RISK = "at_risk"
STANDINGS = (AT_RISK, MISSED)
"""The statuses of a case by the worst of its promises that is not done."""

MAX_PROMISE_TIME = timedelta(days=366)


class PromiseNotOpen(Exception):
    """The promise is due, kept, missed or void, so its time cannot change."""

    def __init__(self, promise: "Promise") -> None:
        super().__init__(f"{promise.promise_id} is {promise.state}")
        self.promise = promise


@dataclass(frozen=True, slots=True)
class Promise:
    """One promise of a case; `number` counts them from 1. Times are UTC.

    `done_at` is the time at which an officer did it, early or late. `wake_at` is the time of its next deadline check:
    first `at_risk_at`, then `due_at`; None if no check can change it any more.
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
        """True if it is missed and still not done."""
        return self.state == MISSED and self.done_at is None


def promise_id(case_id: str, number: int) -> str:
    return f"{case_id}-{number}"


def first_promises(case: Case, city: City) -> tuple[Promise, ...]:
    """Return the promises of a case that the rules just routed; none for a case in triage."""
    if case.acknowledge_by is None or case.respond_by is None:
        return ()
    made_at = _decision_time(case, case.acknowledge_by, case.respond_by)
    return (
        _promise(case, 1, ACKNOWLEDGEMENT, BY_RULES, made_at, case.acknowledge_by, case.received_at, city),
        _promise(case, 2, RESPONSE, BY_RULES, made_at, case.respond_by, case.received_at, city),
    )


def historical_promises(
    case: Case, city: City, target: datetime | None, *, closed: bool = False, number: int = 1
) -> tuple[Promise, ...]:
    """Return the city's own promise for an imported concern: a response by `target`, if there was one.

    A case without a team has it only if the city has `closed` the concern: nobody else could keep it.
    """
    if target is None or (case.team is None and not closed):
        return ()
    made_at = _decision_time(case, target)
    return (_promise(case, number, RESPONSE, BY_HISTORY, made_at, target, case.received_at, city),)


def with_target(promise: Promise, due_at: datetime, received_at: datetime, city: City) -> Promise:
    """Return the city's own promise with another target. If it is done, it is kept or missed by the new target."""
    at_risk_at = risk_time(received_at, due_at, city.at_risk_share)
    moved = replace(promise, due_at=due_at, at_risk_at=at_risk_at, at_risk=False)
    if promise.done_at is None:
        return replace(moved, state=OPEN, wake_at=at_risk_at)
    return replace(moved, state=KEPT if promise.done_at <= due_at else MISSED, wake_at=None)


def _decision_time(case: Case, *due: datetime) -> datetime:
    """The time of the decision; the time of receipt if a promise was due before the decision."""
    return case.received_at if min(due) < case.decided_at else case.decided_at


def new_promises(case: Case, city: City, number: int, now: datetime) -> tuple[Promise, ...]:
    """Return both promises by the rules for a case with new times at `now`, counted from `number`."""
    if case.acknowledge_by is None or case.respond_by is None:
        return ()
    return (
        _promise(case, number, ACKNOWLEDGEMENT, BY_RULES, now, case.acknowledge_by, now, city),
        _promise(case, number + 1, RESPONSE, BY_RULES, now, case.respond_by, now, city),
    )


def officer_promise(case: Case, city: City, number: int, due_at: datetime, now: datetime) -> Promise:
    """Return the promise that an officer makes by hand. Raises InvalidCommand for `due_at`."""
    _check_due_at(due_at, now)
    return _promise(case, number, AGREED, BY_OFFICER, now, due_at, now, city)


def _promise(
    case: Case, number: int, kind: str, origin: str, made_at: datetime, due_at: datetime, since: datetime, city: City
) -> Promise:
    at_risk_at = risk_time(since, due_at, city.at_risk_share)
    return Promise(case.case_id, number, kind, origin, made_at, due_at, at_risk_at, at_risk_at)


def risk_time(since: datetime, due_at: datetime, share: float) -> datetime:
    """Return the time that leaves only `share` (0 to 1) of the time from `since` to `due_at`.

    If `due_at` lies before `since`, return `due_at`.
    """
    return due_at - max(due_at - since, timedelta(0)) * share


def renewed_times(city: City, case: Case, team: str | None, now: datetime) -> PromisedTimes | None:
    """Return both promised times of a case that is reopened or gets its first team, counted from `now` (UTC).

    The city's rule for the case gives them. If no rule fits, the first rule of the team for the category does; if
    there is no such rule, return None. A rule with times of the week looks at the time of receipt, because only the
    encrypted submission holds the time of the problem.
    """
    rule = _rule(city, case, team)
    return None if rule is None else promise(city, rule, now)


def _rule(city: City, case: Case, team: str | None) -> Rule | None:
    verdict = decide(city, Located(case.area), case.category, case.channel, case.received_at)
    if isinstance(verdict, Assignment):
        return city.rules[verdict.rule_index]
    return next((rule for rule in city.rules if _fits(rule, team, case.category, city)), None)


def _fits(rule: Rule, team: str | None, category: str, city: City) -> bool:
    fits = rule.categories is None or category in rule.categories
    return fits and any(rule.team_in(area) == team for area in rule.areas or city.areas)


def due_state(due_at: datetime, now: datetime) -> str:
    """Return the state of a promise at the time of its deadline check, one of STANDINGS."""
    return MISSED if due_at < now else AT_RISK


def after_command(promise: Promise, keeps: Collection[str], now: datetime, *, voids: bool = False) -> Promise:
    """Return a promise after a command at `now` that fulfils the kinds in `keeps`.

    With `voids`, an open promise that is not yet due becomes void. A missed promise counts as kept if the city's
    records say later that it was done in time.
    """
    if promise.kind not in keeps or not (promise.state == OPEN or promise.outstanding):
        return promise
    in_time = now <= promise.due_at
    if voids and in_time:
        return replace(promise, state=VOID, wake_at=None)
    return replace(promise, state=KEPT if in_time else MISSED, done_at=now, wake_at=None)


def rescheduled(
    promises: Sequence[Promise], name: str, due_at: datetime, city: City, now: datetime
) -> tuple[Promise, Promise]:
    """Return the promise called `name`, its id or its kind, before and after a change of its time at `now`.

    Raises InvalidCommand for a name or a time that is not possible, PromiseNotOpen.
    """
    before = _named(name, promises)
    if before.state != OPEN or before.due_at <= now:
        raise PromiseNotOpen(before)
    _check_due_at(due_at, now)
    at_risk_at = risk_time(now, due_at, city.at_risk_share)
    return before, replace(before, due_at=due_at, at_risk_at=at_risk_at, wake_at=at_risk_at, at_risk=False)


def _named(name: str, promises: Sequence[Promise]) -> Promise:
    """The one with this id, or the open one of this kind, or the last one of this kind."""
    candidates = [promise for promise in promises if name in (promise.promise_id, promise.kind)]
    if not candidates:
        kinds = dict.fromkeys(promise.kind for promise in promises)
        raise InvalidCommand("promise", f"The case has no such promise; it has: {', '.join(kinds) or 'none'}.")
    still_open = [promise for promise in candidates if promise.state == OPEN]
    if len(still_open) > 1:
        ids = ", ".join(promise.promise_id for promise in still_open)
        raise InvalidCommand("promise", f"Several promises fit; name one of: {ids}.")
    return (still_open or candidates)[-1]


def _check_due_at(due_at: datetime, now: datetime) -> None:
    if due_at <= now:
        raise InvalidCommand("due_at", "Must be in the future.")
    if due_at > now + MAX_PROMISE_TIME:
        raise InvalidCommand("due_at", f"Must be within {MAX_PROMISE_TIME.days} days.")


def standing(promises: Iterable[Promise]) -> str | None:
    """Return the worst status of a case's promises, one of STANDINGS; None if no promise is missed or at risk."""
    promises = list(promises)
    if any(promise.outstanding for promise in promises):
        return MISSED
    return AT_RISK if any(promise.state == OPEN and promise.at_risk for promise in promises) else None
