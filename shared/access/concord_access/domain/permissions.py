"""The single table of permissions, and the checks against it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from concord_access.domain.errors import Missing, NotAllowed
from concord_access.domain.principal import EVERY, Action, Principal, Role


class PermissionScope(Enum):
    """The teams on whose cases and tasks a role may act."""

    OWN = "own"
    """Those of its own teams."""
    ANY = "any"
    """Those of any team, and those without a team."""


TABLE: Mapping[Role, Mapping[Action, PermissionScope]] = {
    Role.OFFICER: {
        Action.CASE_READ: PermissionScope.OWN,
        Action.CASE_WORDS: PermissionScope.OWN,
        Action.CONTACT_READ: PermissionScope.OWN,
        Action.CASE_WORK: PermissionScope.OWN,
        Action.CASE_REOPEN: PermissionScope.OWN,
        Action.TASK_READ: PermissionScope.OWN,
    },
    Role.SUPERVISOR: {
        Action.CASE_READ: PermissionScope.OWN,
        Action.CASE_WORDS: PermissionScope.OWN,
        Action.CONTACT_READ: PermissionScope.OWN,
        Action.CASE_WORK: PermissionScope.OWN,
        Action.CASE_REASSIGN: PermissionScope.OWN,
        Action.CASE_REOPEN: PermissionScope.OWN,
        # A case in triage has no team yet: any supervisor may choose one.
        Action.TASK_READ: PermissionScope.ANY,
        Action.TASK_DECIDE: PermissionScope.ANY,
        Action.OPS_READ: PermissionScope.ANY,
    },
    Role.ADMINISTRATOR: dict.fromkeys(Action, PermissionScope.OWN),
    Role.AUDITOR: dict.fromkeys(
        (
            Action.CASE_READ,
            Action.CASE_WORDS,
            Action.CONTACT_READ,
            Action.TASK_READ,
            Action.PARKED_READ,
            Action.AUDIT_READ,
            Action.OPS_READ,
        ),
        PermissionScope.OWN,
    ),
}
"""Every other action is forbidden. Administrators and auditors reach the whole city because they have every team (`*`).
One with fewer teams reaches only those."""

PERSONAL = frozenset({Action.CASE_WORDS, Action.CONTACT_READ})
"""Actions that show a resident's personal data."""

BY_NAME_ONLY: Mapping[Role, frozenset[Action]] = {Role.ADMINISTRATOR: PERSONAL, Role.AUDITOR: PERSONAL}
"""Actions that a role can have, but only if its grant names them."""


def actions_of(role: Role) -> frozenset[Action]:
    """Return all actions that a grant of a role can name."""
    return frozenset(TABLE[role])


def default_actions(role: Role) -> frozenset[Action]:
    """Return the actions of a grant that names none."""
    return actions_of(role) - BY_NAME_ONLY.get(role, frozenset())


def names_team(principal: Principal, team: str | None) -> bool:
    """Return whether the grant names this very team. `*` names none: sensitive cases need the name."""
    return team is not None and team != EVERY and team in principal.teams


@dataclass(frozen=True, slots=True)
class Scope:
    """The teams and areas where an action is allowed. None means all, including cases without one."""

    teams: frozenset[str] | None
    areas: frozenset[str] | None

    def covers(self, team: str | None, area: str | None) -> bool:
        return (self.teams is None or team in self.teams) and (self.areas is None or area in self.areas)


EVERYWHERE = Scope(None, None)


def scope_of(principal: Principal, action: Action) -> Scope | None:
    """Return the scope of `action` for `principal`; None without the permission."""
    reach = TABLE[principal.role].get(action)
    if reach is None or action not in principal.actions:
        return None
    every_team = reach is PermissionScope.ANY or EVERY in principal.teams
    teams = None if every_team else principal.teams
    return Scope(teams, None if EVERY in principal.areas else principal.areas)


def allowed(principal: Principal, action: Action, team: str | None = None, area: str | None = None) -> bool:
    """Return whether `principal` may do `action` on a case or task of `team` in `area`; None if it has none."""
    scope = scope_of(principal, action)
    return scope is not None and scope.covers(team, area)


def require(principal: Principal, action: Action, team: str | None = None, area: str | None = None) -> None:
    """Raise NotAllowed, with the missing parts, unless `principal` may do `action`."""
    scope = require_scope(principal, action)
    missing: list[Missing] = []
    if scope.teams is not None and team not in scope.teams:
        missing.append(Missing.TEAM)
    if scope.areas is not None and area not in scope.areas:
        missing.append(Missing.AREA)
    if missing:
        raise NotAllowed(action, *missing)


def require_scope(principal: Principal, action: Action) -> Scope:
    """Return the scope of `action`, to filter a list. Raises NotAllowed without the permission anywhere."""
    scope = scope_of(principal, action)
    if scope is None:
        of_the_role = action in TABLE[principal.role]
        raise NotAllowed(action, Missing.ACTION if of_the_role else Missing.ROLE)
    empty = [
        lack
        for lack, granted in ((Missing.TEAM, scope.teams), (Missing.AREA, scope.areas))
        if granted is not None and not granted
    ]
    if empty:
        raise NotAllowed(action, *empty)
    return scope
