"""Handle what residents send about a case: an objection to its resolution, an answer, a withdrawal."""

from collections.abc import Sequence
from dataclasses import replace
from operator import attrgetter
from typing import Any

from concord_bus.domain.errors import ParkMessage
from concord_bus.ports import Work
from concord_city import City
from concord_contracts import Event
from concord_contracts.messages import AnswerGiven, ConcernWithdrawn, ObjectionGiven
from concord_routing.application.execute_command import save_result
from concord_routing.domain.case import ADDED, ANSWERED_TASK, ASKED, CLOSED, RESIDENT, RESOLVED, WAITING, Case, Task
from concord_routing.domain.command_execution import apply_command
from concord_routing.domain.command_spec import Command
from concord_routing.domain.commands import Answer, Reopen, Withdraw
from concord_routing.domain.workflow import TransitionNotAllowed
from concord_routing.ports import Store


class CaseNotOpenedYet(Exception):
    """The concern has no case yet, because its message took another way. The bus tries the message again."""


def handle_objection(events: Sequence[Event[ObjectionGiven]], work: Work[Store], city: City) -> None:
    """Reopen a resolved or closed case with new promises; ignore an objection to a case in another state.

    The history stores the resident's reason encrypted. Raises ParkMessage for an objection that came unencrypted.
    """
    for event in events:
        if event.sealed is None:
            raise ParkMessage("the objection did not come encrypted")
        case = _case_of(event, work.store)
        if case.state in (RESOLVED, CLOSED):
            _execute(case, Reopen(RESIDENT), city, work, event, objection=event.sealed)


def take_answer(events: Sequence[Event[AnswerGiven]], work: Work[Store], city: City) -> None:
    """Keep what the reporter wrote in the history, encrypted, and open the task to read it; a waiting team goes on.

    A case that has ended stays ended. Locks the cases in one order, so that two processes never deadlock. Raises
    ParkMessage for an answer that came unencrypted.
    """
    for event in sorted(events, key=attrgetter("partitionkey")):
        if event.sealed is None:
            raise ParkMessage("the answer did not come encrypted")
        case = _case_of(event, work.store)
        _execute(case, Answer(event.data.given_at), city, work, event, answer=event.sealed)
        reason = ASKED if case.state == WAITING else ADDED
        work.store.add_tasks([Task(case.case_id, reason, work.now, kind=ANSWERED_TASK)])


def withdraw(events: Sequence[Event[ConcernWithdrawn]], work: Work[Store], city: City) -> None:
    """End the case and its promises. A case that has ended already stays as it is."""
    for event in events:
        try:
            _execute(_case_of(event, work.store), Withdraw(), city, work, event)
        except TransitionNotAllowed:
            continue


def _case_of(event: Event[Any], store: Store) -> Case:
    case = store.lock_by_concern(event.partitionkey)
    if case is None:
        raise CaseNotOpenedYet
    return case


def _execute(
    case: Case,
    command: Command,
    city: City,
    work: Work[Store],
    cause: Event[Any],
    objection: str | None = None,
    answer: str | None = None,
) -> None:
    result = apply_command(case, command, city, RESIDENT, work.now, work.store.promises(case.case_id))
    result = replace(result, entry=replace(result.entry, objection=objection, answer=answer))
    if not save_result(case, result, command, work, cause):
        raise CaseNotOpenedYet
