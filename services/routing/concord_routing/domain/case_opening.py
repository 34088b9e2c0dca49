"""Opening a case: from what was submitted and where it lies to a team with promised times, or to triage."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from concord_city import Assignment, City, Located, Promise, decide, promise
from concord_contracts.messages import ConcernRouted, ConcernSubmitted, ConcernUnroutable
from concord_routing.domain.case import ROUTED, TRIAGE, Case, Task

EARLIEST = datetime(1900, 1, 1, tzinfo=UTC)
"""Nothing is said to have happened before; programs write 0001-01-01 where no time was given."""

FIRST_SEQUENCE, PROMISED_SEQUENCE = 1, 2
"""A case is announced first; what a routed one is promised follows at once, all of it in one event."""

NAME_LIMIT = 200
"""Characters of a team's name that its event can hold."""


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
    """The case for a concern at a place. `submission` is the encrypted concern; `now` is UTC.

    Rules look at when it happened, promises count from when it was received; a concern with a `past` is promised only
    what the city itself had promised. The place is judged before the category: who triages a concern must find its
    place first, and sees the category then. So a concern at a placeholder has that as its reason, also when its
    category is unknown.
    """
    verdict = decide(city, located, submitted.category, submitted.channel, happened_at(submitted))
    if isinstance(verdict, Assignment):
        due = promise(city, city.rules[verdict.rule_index], submitted.received_at)
        if submitted.promised_by is not None:
            due = replace(due, respond_by=submitted.promised_by)
        promised = not past or submitted.promised_by is not None
        sequence = PROMISED_SEQUENCE if promised else FIRST_SEQUENCE
        return _routed(city, submitted, located, verdict.team, due, submission, case_id, now, sequence)
    return Case(
        case_id=case_id,
        concern_id=submitted.concern_id,
        state=TRIAGE,
        category=submitted.category,
        channel=submitted.channel,
        border=located.border,
        received_at=submitted.received_at,
        decided_at=now,
        submission=submission,
        area=located.area,
        reason=verdict.reason,
        silent_at=_silent_at(city, submitted),
    )


def happened_at(submitted: ConcernSubmitted) -> datetime:
    """When it happened, or was received where that is not known (UTC)."""
    occurred = submitted.occurred_at
    return submitted.received_at if occurred is None or occurred < EARLIEST else occurred


def _silent_at(city: City, submitted: ConcernSubmitted) -> datetime:
    """When the resident has waited too long for a first word."""
    return submitted.received_at + timedelta(days=city.silence_days)


def _routed(
    city: City,
    submitted: ConcernSubmitted,
    located: Located,
    team: str,
    due: Promise,
    submission: str,
    case_id: str,
    now: datetime,
    sequence: int,
) -> Case:
    return Case(
        case_id=case_id,
        concern_id=submitted.concern_id,
        state=ROUTED,
        category=submitted.category,
        channel=submitted.channel,
        border=located.border,
        received_at=submitted.received_at,
        decided_at=now,
        submission=submission,
        area=located.area,
        team=team,
        acknowledge_by=due.acknowledge_by,
        respond_by=due.respond_by,
        sequence=sequence,
        silent_at=_silent_at(city, submitted),
    )


def announcement(case: Case, city: City) -> ConcernRouted | ConcernUnroutable:
    """What everybody is told of a new case."""
    if case.area is None or case.team is None or case.acknowledge_by is None or case.respond_by is None:
        return ConcernUnroutable(
            concern_id=case.concern_id,
            case_id=case.case_id,
            category=case.category,
            channel=case.channel,
            reason=case.reason or "no_rule",
            received_at=case.received_at,
            decided_at=case.decided_at,
        )
    return ConcernRouted(
        concern_id=case.concern_id,
        case_id=case.case_id,
        category=case.category,
        area=case.area,
        team=case.team,
        team_name=team_name(city, case.team),
        channel=case.channel,
        border=case.border,
        received_at=case.received_at,
        routed_at=case.decided_at,
        acknowledge_by=case.acknowledge_by,
        respond_by=case.respond_by,
    )


def team_name(city: City, team: str) -> str:
    """A team's name in the city's first language, as long as an event can hold."""
    return city.teams[team].name(city.languages[0])[:NAME_LIMIT]


def task_for(case: Case) -> Task | None:
    """A person's task when no rule could decide."""
    return None if case.reason is None else Task(case.case_id, case.reason, case.decided_at)
