"""The one table of who may do what, and the question asked of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from concord_access.domain.errors import Missing, NotAllowed
from concord_access.domain.principal import EVERY, Action, Principal, Role


class PermissionScope(Enum):
    """Whose things a role may act on."""

    OWN = "own"
    """Things of a team it belongs to."""
    ANY = "any"
    """Things of any team, and of none yet."""


TABLE: Mapping[Role, Mapping[Action, PermissionScope]] = {
    Role.OFFICER: {
        Action.CASE_READ: PermissionScope.OWN,
        Action.CASE_WORK: PermissionScope.OWN,
        Action.CASE_REOPEN: PermissionScope.OWN,
        Action.TASK_READ: PermissionScope.OWN,
    },
    Role.SUPERVISOR: {
        Action.CASE_READ: PermissionScope.OWN,
        Action.CASE_WORK: PermissionScope.OWN,
        Action.CASE_REASSIGN: PermissionScope.OWN,
        Action.CASE_REOPEN: PermissionScope.OWN,
        # What no rule could decide has no team yet: any supervisor may give it one.
        Action.TASK_READ: PermissionScope.ANY,
        Action.TASK_DECIDE: PermissionScope.ANY,
        Action.OPS_READ: PermissionScope.ANY,
    },
    Role.ADMINISTRATOR: dict.fromkeys(Action, PermissionScope.OWN),
    Role.AUDITOR: dict.fromkeys(
        (Action.CASE_READ, Action.TASK_READ, Action.PARKED_READ, Action.AUDIT_READ, Action.OPS_READ),
        PermissionScope.OWN,
    ),
}
"""An action that is not listed is refused. Administrators and auditors reach the whole city because every team is
theirs (`*`); one who was granted fewer teams reaches only those."""


def actions_of(role: Role) -> frozenset[Action]:
    """What a role may do at all."""
    return frozenset(TABLE[role])


@dataclass(frozen=True, slots=True)
class Scope:
    """Where an action is allowed: these teams and these areas; None means every one, and what has none."""

    teams: frozenset[str] | None
    areas: frozenset[str] | None

    def covers(self, team: str | None, area: str | None) -> bool:
        return (self.teams is None or team in self.teams) and (self.areas is None or area in self.areas)


EVERYWHERE = Scope(None, None)


def scope_of(principal: Principal, action: Action) -> Scope | None:
    """Where `principal` may do `action`, for the filter of a list; None when nowhere."""
    reach = TABLE[principal.role].get(action)
    if reach is None or action not in principal.actions:
        return None
    every_team = reach is PermissionScope.ANY or EVERY in principal.teams
    teams = None if every_team else principal.teams
    return Scope(teams, None if EVERY in principal.areas else principal.areas)


def allowed(principal: Principal, action: Action, team: str | None = None, area: str | None = None) -> bool:
    """Whether `principal` may do `action` on a thing of `team` in `area`; None for a thing that has none."""
    scope = scope_of(principal, action)
    return scope is not None and scope.covers(team, area)


def require(principal: Principal, action: Action, team: str | None = None, area: str | None = None) -> None:
    """Raises NotAllowed, which names what is missing, unless it is allowed."""
    scope = require_scope(principal, action)
    missing: list[Missing] = []
    if scope.teams is not None and team not in scope.teams:
        missing.append(Missing.TEAM)
    if scope.areas is not None and area not in scope.areas:
        missing.append(Missing.AREA)
    if missing:
        raise NotAllowed(action, *missing)


def require_scope(principal: Principal, action: Action) -> Scope:
    """Where `action` is allowed, for the filter of a list. Raises NotAllowed when nowhere."""
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
