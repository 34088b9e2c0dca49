"""What each command needs of who gives it, and what the audit calls it once it took effect."""

from collections.abc import Mapping
from dataclasses import dataclass

from concord_access import Action, Principal, allowed, require
from concord_routing.domain.case import TRIAGE, Case


@dataclass(frozen=True, slots=True)
class Act:
    """`action` is what a principal must be granted, `done` the audit's word."""

    action: Action
    done: str


ACTS: Mapping[str, Act] = {
    "acknowledge": Act(Action.CASE_WORK, "case.acknowledged"),
    "update": Act(Action.CASE_WORK, "case.updated"),
    "refer": Act(Action.CASE_WORK, "case.referred"),
    "resolve": Act(Action.CASE_WORK, "case.resolved"),
    "promise": Act(Action.CASE_WORK, "case.promised"),
    "renegotiate": Act(Action.CASE_WORK, "case.renegotiated"),
    "decline": Act(Action.CASE_WORK, "case.declined"),
    "close": Act(Action.CASE_WORK, "case.closed"),
    "reopen": Act(Action.CASE_REOPEN, "case.reopened"),
    "reassign": Act(Action.CASE_REASSIGN, "case.reassigned"),
}
"""One for each command; a command without one cannot be given."""


def action_for(case: Case, command: str) -> Action:
    """What it takes to give `command` on a case as it is: while no rule and no person gave it a team, to decide."""
    return Action.TASK_DECIDE if case.state == TRIAGE else ACTS[command].action


def require_to_see(who: Principal, case: Case) -> None:
    """Raises NotAllowed unless `who` may see the case, or may see what no rule could decide and this is such a one."""
    if case.state != TRIAGE or not allowed(who, Action.TASK_READ, case.team, case.area):
        require(who, Action.CASE_READ, case.team, case.area)
