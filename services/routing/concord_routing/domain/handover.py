"""Handover: what becomes of an open case whose team or area is no longer in the city folder."""

from datetime import datetime

from concord_city import Assignment, City, Located, decide
from concord_routing.domain.case import Case, Task
from concord_routing.domain.commands import HandOver, Relocate


def handover(
    case: Case, located: Located, city: City, rule_time: datetime, now: datetime, *, chosen_by_officer: bool
) -> HandOver | Relocate | Task:
    """Return the command for a case with a team, or the task for a person if nobody else can decide.

    `located` is the case's place in the changed `city`; `rule_time` is the time that its rules look at. The case goes
    to the team that the rules name. It keeps a team that still exists if an officer chose it, or if no rule fits.
    """
    verdict = decide(city, located, case.category, case.channel, rule_time)
    keeps_team = case.team in city.teams
    if isinstance(verdict, Assignment) and verdict.team != case.team and not (keeps_team and chosen_by_officer):
        return HandOver(verdict.team, located.area)
    if keeps_team or isinstance(verdict, Assignment):
        return Relocate(located.area)
    return Task(case.case_id, verdict.reason, now)
