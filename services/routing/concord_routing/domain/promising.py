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
    RESPONSE,
    Promise,
    risk_time,
)


def first_promises(case: Case, city: City) -> tuple[Promise, ...]:
    """Those of a case just routed by the rules. None for triage."""
    if case.acknowledge_by is None or case.respond_by is None:
        return ()
    made_at = _made_at(case, case.acknowledge_by, case.respond_by)
    return (
        _at_routing(case, 1, ACKNOWLEDGEMENT, BY_RULES, made_at, case.acknowledge_by, city),
        _at_routing(case, 2, RESPONSE, BY_RULES, made_at, case.respond_by, city),
    )


def past_promises(case: Case, city: City, target: datetime | None) -> tuple[Promise, ...]:
    """What the city itself had promised of a concern with a past: to respond by its own `target`, if it had one."""
    if target is None or case.team is None:
        return ()
    return (_at_routing(case, 1, RESPONSE, BY_HISTORY, _made_at(case, target), target, city),)


def _made_at(case: Case, *due: datetime) -> datetime:
    """When the case was decided; where one was due before that, all were promised when the concern was received."""
    return case.received_at if min(due) < case.decided_at else case.decided_at


def _at_routing(
    case: Case, number: int, kind: str, origin: str, made_at: datetime, due_at: datetime, city: City
) -> Promise:
    at_risk_at = risk_time(case.received_at, due_at, city.at_risk_share)
    return Promise(case.case_id, number, kind, origin, made_at, due_at, at_risk_at, at_risk_at)


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
