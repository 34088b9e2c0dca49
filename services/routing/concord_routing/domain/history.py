"""The history of a case: one entry for each change, which nobody alters later."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from concord_routing.domain.case import RECEIVED, RULES, Case

OPEN = "open"
MOVE_TARGET = "move_target"
"""Changes without a CommandSpec: the opening, and another target in the city's own records."""


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """One change of a case. Times are UTC.

    `version` is the version of the case after it. The resident reads `reason` and `message`. `due_at` is the time of a
    promise that an officer made or renegotiated. `objection` is a resident's own reason and `answer` an answer or an
    addition, both still encrypted. `assignee` is the person who got the case; `note` is for colleagues only.
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
    answer: str | None = None
    assignee: str | None = None
    note: str | None = None


def opening_entry(case: Case, later: Sequence[HistoryEntry]) -> HistoryEntry:
    """Return the first entry of a history. No table stores it: it follows from the case and its `later` entries."""
    team = next((entry.from_team for entry in later if entry.team is not None), case.team)
    return HistoryEntry(case.case_id, 1, case.decided_at, RULES, OPEN, RECEIVED, case.status, team=team)
