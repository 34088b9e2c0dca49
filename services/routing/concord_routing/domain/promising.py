"""Making promises: at routing and at a reopening by the city's rules, and by an officer's hand."""

from datetime import datetime

from concord_city import City
from concord_routing.domain.case import Case
from concord_routing.domain.promise import (
    ACKNOWLEDGEMENT,
    AGREED,
    BY_HISTORY,
    BY_OFFICER,
    BY_RULES,
    HISTORY_GRACE,
    RESPONSE,
    Promise,
    risk_time,
)


def first_promises(case: Case, city: City, *, has_past: bool = False) -> tuple[Promise, ...]:
    """Those of a case just routed; with `has_past` the response is the city's own target. None for triage.

    What was due before the case was decided is a fact of the past: it was promised when the concern was received, and
    no timer looks at it before the rest of that past can have arrived.
    """
    if case.acknowledge_by is None or case.respond_by is None:
        return ()
    made = case.decided_at
    origin = BY_HISTORY if has_past else BY_RULES
    return (
        _at_routing(case, 1, ACKNOWLEDGEMENT, BY_RULES, case.acknowledge_by, made, city.at_risk_share),
        _at_routing(case, 2, RESPONSE, origin, case.respond_by, made, city.at_risk_share),
    )


def _at_routing(
    case: Case, number: int, kind: str, origin: str, due_at: datetime, decided_at: datetime, share: float
) -> Promise:
    at_risk_at = risk_time(case.received_at, due_at, share)
    if due_at < decided_at or origin == BY_HISTORY:
        wake_at = max(at_risk_at, decided_at + HISTORY_GRACE)
        return Promise(case.case_id, number, kind, origin, case.received_at, due_at, at_risk_at, wake_at)
    return Promise(case.case_id, number, kind, origin, decided_at, due_at, at_risk_at, at_risk_at)


def new_promises(case: Case, city: City, number: int, now: datetime) -> tuple[Promise, ...]:
    """Both by the rules, of a case that has got new times at `now`, counted from `number`."""
    if case.acknowledge_by is None or case.respond_by is None:
        return ()
    return (
        _given(case, number, ACKNOWLEDGEMENT, BY_RULES, case.acknowledge_by, city, now),
        _given(case, number + 1, RESPONSE, BY_RULES, case.respond_by, city, now),
    )


def agreed(case: Case, city: City, number: int, due_at: datetime, now: datetime) -> Promise:
    """One that an officer makes by hand."""
    return _given(case, number, AGREED, BY_OFFICER, due_at, city, now)


def _given(case: Case, number: int, kind: str, origin: str, due_at: datetime, city: City, now: datetime) -> Promise:
    at_risk_at = risk_time(now, due_at, city.at_risk_share)
    return Promise(case.case_id, number, kind, origin, now, due_at, at_risk_at, at_risk_at)
