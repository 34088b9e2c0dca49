"""Opening a case: a concern and its place lead to a team with promised times, or to triage."""

from dataclasses import replace
from datetime import datetime, timedelta

from concord_city import Assignment, City, Located, decide, promise, rule_time
from concord_contracts.messages import ConcernSubmitted
from concord_routing.domain.case import ROUTED, TRIAGE, Case, Task

FIRST_SEQUENCE, PROMISED_SEQUENCE = 1, 2
"""The first event of a case is about its opening; the second about all first promises of a routed case."""


def open_case(
    city: City,
    submitted: ConcernSubmitted,
    located: Located,
    submission: str,
    case_id: str,
    now: datetime,
    *,
    past: bool = False,
) -> Case:
    """Return the case for a concern at a place. `submission` is the encrypted concern; `now` is UTC.

    Rules look at the time of the problem, promises count from the time of receipt. An imported concern (`past`) has
    only the city's own promise. Routing checks the place before the category, because a person in triage has to find
    the place first. A concern at a placeholder point has that as its reason, even with an unknown category.
    """
    verdict = decide(city, located, submitted.category, submitted.channel, happened_at(submitted))
    team = due = reason = None
    if isinstance(verdict, Assignment):
        team = verdict.team
        due = promise(city, city.rules[verdict.rule_index], submitted.received_at)
        if submitted.promised_by is not None:
            due = replace(due, respond_by=submitted.promised_by)
    else:
        reason = verdict.reason
    promised = team is not None and not (past and submitted.promised_by is None)
    return Case(
        case_id=case_id,
        concern_id=submitted.concern_id,
        state=TRIAGE if team is None else ROUTED,
        category=submitted.category,
        channel=submitted.channel,
        border=located.border,
        received_at=submitted.received_at,
        decided_at=now,
        submission=submission,
        area=located.area,
        team=team,
        reason=reason,
        acknowledge_by=due.acknowledge_by if due else None,
        respond_by=due.respond_by if due else None,
        sequence=PROMISED_SEQUENCE if promised else FIRST_SEQUENCE,
        silent_at=submitted.received_at + timedelta(days=city.silence_days),
    )


def happened_at(submitted: ConcernSubmitted) -> datetime:
    """Return the time of the problem, or the time of receipt if that is unknown (UTC)."""
    return rule_time(submitted.occurred_at, submitted.received_at)


def task_for(case: Case) -> Task | None:
    """Return the task to choose a team, if no rule fits."""
    return None if case.reason is None else Task(case.case_id, case.reason, case.decided_at)
