"""What was done with a case, by whom and when: one entry for each change, never altered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from concord_routing.domain.case import Case
from concord_routing.domain.workflow import RECEIVED, RULES

OPEN = "open"


@dataclass(frozen=True, slots=True)
class Entry:
    """One change. `version` is the case's after it; `reason` is written for the resident. Times are UTC.

    `due_at` is what was promised by hand or renegotiated. `objection` is a resident's own reason, kept encrypted as it
    came.
    """

    case_id: str
    version: int
    at: datetime
    actor: str
    command: str
    before: str
    after: str
    reason: str | None = None
    message: str | None = None
    where_to_go: str | None = None
    referred_to: str | None = None
    from_team: str | None = None
    team: str | None = None
    due_at: datetime | None = None
    objection: str | None = None


def opened(case: Case, later: Sequence[Entry]) -> Entry:
    """How the history begins. It is not kept: the case tells it, but for a team that was changed `later`."""
    reassigned = [each for each in later if each.command == "reassign"]
    team = reassigned[0].from_team if reassigned else case.team
    return Entry(case.case_id, 1, case.decided_at, RULES, OPEN, RECEIVED, case.status, team=team)
