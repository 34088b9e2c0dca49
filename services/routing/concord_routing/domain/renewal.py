"""Promised times that are given later than at routing: to a case that is opened again, or gets its first team."""

from datetime import datetime

from concord_city import Assignment, City, Located, Promise, Rule, decide, promise
from concord_routing.domain.case import Case


def renewed(city: City, case: Case, team: str | None, now: datetime) -> Promise | None:
    """Both times by the city's rule for the case, counted from `now` (UTC); None when no rule fits.

    A case the rules could not decide is promised what the first rule of its team for its category promises. Rules with
    times of the week look at when the concern was received: when it happened is known only in the submission.
    """
    rule = _rule(city, case, team)
    return None if rule is None else promise(city, rule, now)


def _rule(city: City, case: Case, team: str | None) -> Rule | None:
    verdict = decide(city, Located(case.area), case.category, case.channel, case.received_at)
    if isinstance(verdict, Assignment):
        return city.rules[verdict.rule_index]
    return next((each for each in city.rules if _is_of(each, team, case.category, city)), None)


def _is_of(rule: Rule, team: str | None, category: str, city: City) -> bool:
    fits = rule.categories is None or category in rule.categories
    return fits and any(rule.team_in(area) == team for area in rule.areas or city.areas)
