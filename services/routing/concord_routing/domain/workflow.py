"""The one table of what can become of a case: from which state, by which command, to which state, and when only."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from concord_routing.domain.case import ROUTED, TRIAGE, Case
from concord_routing.domain.commands import COMMANDS, Order, Update

RECEIVED = "received"
ACKNOWLEDGED = "acknowledged"
IN_PROGRESS = "in_progress"
WAITING = "waiting_for_resident"
REFERRED = "referred"
RESOLVED = "resolved"
CLOSED = "closed"
REOPENED = "reopened"
WITHDRAWN = "withdrawn"
DECLINED = "declined"

STATES = (
    RECEIVED,
    TRIAGE,
    ROUTED,
    ACKNOWLEDGED,
    IN_PROGRESS,
    WAITING,
    REFERRED,
    RESOLVED,
    DECLINED,
    WITHDRAWN,
    REOPENED,
    CLOSED,
)
WITH_TEAM = (ROUTED, ACKNOWLEDGED, IN_PROGRESS, WAITING, REOPENED)
"""A team of the city works on it, or should."""

RULES, OFFICER, RESIDENT = "rules", "officer", "resident"


@dataclass(frozen=True, slots=True)
class Guard:
    """A condition of a transition: on the case as it is, and on what is ordered."""

    name: str
    of_case: Callable[[Case], bool] = lambda case: True
    of_order: Callable[[Order], bool] = lambda order: True


def waits(order: Order) -> bool:
    return isinstance(order, Update) and order.waiting_for_resident


ALWAYS = Guard("")
ANSWER_NEEDED = Guard("an answer is needed", of_order=waits)
NO_ANSWER_NEEDED = Guard("no answer is needed", of_order=lambda order: not waits(order))
HAS_TEAM = Guard("it has a team", of_case=lambda case: case.team is not None)
HAS_NO_TEAM = Guard("it never had a team", of_case=lambda case: case.team is None)


@dataclass(frozen=True, slots=True)
class Transition:
    """One row of the table. `by` says who does it: the rules, an officer or the resident."""

    source: str
    command: str
    target: str
    guard: Guard = ALWAYS
    by: str = OFFICER


def _from(sources: Iterable[str], command: str, target: str, guard: Guard = ALWAYS) -> Iterator[Transition]:
    return (Transition(source, command, target, guard) for source in sources)


TABLE: tuple[Transition, ...] = (
    Transition(RECEIVED, "route", ROUTED, by=RULES),
    Transition(RECEIVED, "leave_to_a_person", TRIAGE, by=RULES),
    *_from((ROUTED, REOPENED), "acknowledge", ACKNOWLEDGED),
    *_from(WITH_TEAM, "update", IN_PROGRESS, NO_ANSWER_NEEDED),
    Transition(REFERRED, "update", REFERRED, NO_ANSWER_NEEDED),
    *_from((*WITH_TEAM, REFERRED), "update", WAITING, ANSWER_NEEDED),
    *_from(WITH_TEAM, "promise", IN_PROGRESS),
    Transition(REFERRED, "promise", REFERRED),
    *(Transition(each, "renegotiate", each) for each in (*WITH_TEAM, REFERRED)),
    *_from(WITH_TEAM, "refer", REFERRED),
    *_from((*WITH_TEAM, REFERRED), "resolve", RESOLVED),
    *_from((TRIAGE, *WITH_TEAM), "decline", DECLINED),
    *_from((TRIAGE, ROUTED, ACKNOWLEDGED, IN_PROGRESS, WAITING, REFERRED), "reassign", ROUTED),
    Transition(REOPENED, "reassign", REOPENED),
    *_from((REFERRED, RESOLVED), "reopen", REOPENED),
    *_from((DECLINED, CLOSED), "reopen", REOPENED, HAS_TEAM),
    *_from((DECLINED, CLOSED), "reopen", TRIAGE, HAS_NO_TEAM),
    *_from((REFERRED, RESOLVED, DECLINED, WITHDRAWN), "close", CLOSED),
    *(Transition(each, "withdraw", WITHDRAWN, by=RESIDENT) for each in (TRIAGE, *WITH_TEAM, REFERRED)),
)


class NotAllowed(Exception):
    """The case's state does not let this be done; `allowed` are the commands that it does."""

    def __init__(self, state: str, command: str, allowed: tuple[str, ...]) -> None:
        super().__init__(f"{command} from {state}; allowed: {', '.join(allowed)}")
        self.state = state
        self.command = command
        self.allowed = allowed


def allowed(case: Case) -> tuple[str, ...]:
    """The commands an officer can give now, in the order of COMMANDS."""
    open_now = {each.command for each in _of_officers(case) if each.guard.of_case(case)}
    return tuple(each for each in COMMANDS if each in open_now)


def transition(case: Case, order: Order) -> Transition:
    """The row of the table for this order. Raises NotAllowed when there is none."""
    for row in TABLE:
        fits = row.source == case.state and row.command == order.command
        if fits and row.guard.of_case(case) and row.guard.of_order(order):
            return row
    raise NotAllowed(case.state, order.command, allowed(case))


def _of_officers(case: Case) -> Iterator[Transition]:
    return (each for each in TABLE if each.source == case.state and each.by == OFFICER)
