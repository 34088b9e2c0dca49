"""The lists of the desk: which open cases a person sees first, and in which order."""

from dataclasses import dataclass

from concord_access import EVERYWHERE, Scope
from concord_routing.domain.case import ANSWERED_TASK, OPEN_STATES, SILENT_TASK, TRIAGE, UNANSWERED_TASK

DUE, MINE, TRIAGE_LIST, ANSWERS, SILENT = DESK_LISTS = ("due", "mine", "triage", "answers", "silent")
TASKS_OF_LIST = {ANSWERS: (ANSWERED_TASK,), SILENT: (SILENT_TASK, UNANSWERED_TASK)}
"""The kinds of open tasks that put a case on a list."""
STATES_OF_LIST = {
    DUE: tuple(state for state in OPEN_STATES if state != TRIAGE),
    MINE: OPEN_STATES,
    TRIAGE_LIST: (TRIAGE,),
}
"""The states that put a case on a list."""
MOST_COUNTED = 1000
"""A count ends here: nobody reads whether 1,000 cases wait or 1,200."""


@dataclass(frozen=True, slots=True)
class DeskFilter:
    """One list `within` what the officer may read; None matches any area, category or assignee."""

    name: str = DUE
    within: Scope = EVERYWHERE
    area: str | None = None
    category: str | None = None
    assignee: str | None = None
