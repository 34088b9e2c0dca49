"""Rights to a resident's words, exact place and contact: beyond the right to read the case itself."""

from collections.abc import Mapping

from concord_access import Action, Missing, NotAllowed, Principal, allowed, names_team
from concord_city import Category
from concord_routing.domain.case import TRIAGE, Case


def is_sensitive(case: Case, categories: Mapping[str, Category]) -> bool:
    """Return whether the case's category is sensitive. A category that the city does not have counts as sensitive."""
    category = categories.get(case.category)
    return category is None or category.sensitive


def may_read_words(principal: Principal, case: Case, *, sensitive: bool) -> bool:
    """Return whether the principal may read the words and the exact place.

    A case in triage has no team: a person who chooses one may read the words, unless the category is sensitive.
    """
    return _may(principal, Action.CASE_WORDS, case, sensitive=sensitive) or (
        case.state == TRIAGE
        and not sensitive
        and Action.CASE_WORDS in principal.actions
        and allowed(principal, Action.TASK_DECIDE, case.team, case.area)
    )


def may_read_contact(principal: Principal, case: Case, *, sensitive: bool) -> bool:
    return _may(principal, Action.CONTACT_READ, case, sensitive=sensitive)


def may_read_reasons(principal: Principal, case: Case, *, sensitive: bool) -> bool:
    """Return whether a reader of the case may read the reporter's objections in its history.

    Every reader of the case may; but in a sensitive category only the team.
    """
    return not sensitive or names_team(principal, case.team)


def _may(principal: Principal, action: Action, case: Case, *, sensitive: bool) -> bool:
    """In a sensitive category the grant has to name the team, because `*` is no membership of it."""
    named = not sensitive or names_team(principal, case.team)
    return named and allowed(principal, action, case.team, case.area)


def require_words(principal: Principal, case: Case, *, sensitive: bool) -> None:
    """Raise NotAllowed, with the missing parts of the grant, for a reader of the case without the right."""
    if not may_read_words(principal, case, sensitive=sensitive):
        raise NotAllowed(Action.CASE_WORDS, *_missing(principal, Action.CASE_WORDS, case))


def require_contact(principal: Principal, case: Case, *, sensitive: bool) -> None:
    """Raise NotAllowed, with the missing parts of the grant, for a reader of the case without the right."""
    if not may_read_contact(principal, case, sensitive=sensitive):
        raise NotAllowed(Action.CONTACT_READ, *_missing(principal, Action.CONTACT_READ, case))


def _missing(principal: Principal, action: Action, case: Case) -> tuple[Missing, ...]:
    """A reader without the action lacks that; one with it lacks the team."""
    return (Missing.TEAM,) if action in principal.actions else (Missing.ACTION,)
