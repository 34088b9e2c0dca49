"""What residents do about their own case: say that it is not fixed, or take the concern back."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from concord_bus.domain.errors import ParkMessage
from concord_bus.ports import Work
from concord_city import City
from concord_contracts import Event
from concord_contracts.messages import ConcernWithdrawn, ObjectionGiven
from concord_routing.application.effects import take_effect
from concord_routing.domain.case import Case
from concord_routing.domain.command_execution import perform
from concord_routing.domain.commands import Order, Reopen, Withdraw
from concord_routing.domain.workflow import CLOSED, RESIDENT, RESOLVED, NotAllowed
from concord_routing.ports import Store


class NotYet(Exception):
    """The concern has no case here yet: it was sent on another way. Remedy: the message is tried again."""


def object_to(events: Sequence[Event[ObjectionGiven]], work: Work[Store], city: City) -> None:
    """Open a resolved or closed case again with new promises; of any other nothing is left to object to.

    The resident's reason is kept encrypted as it came.
    """
    for each in events:
        if each.sealed is None:
            raise ParkMessage("the objection did not come encrypted")
        case = _case_of(each, work.store)
        if case.state in (RESOLVED, CLOSED):
            _carry_out(case, Reopen(RESIDENT), city, work, each, objection=each.sealed)


def withdraw(events: Sequence[Event[ConcernWithdrawn]], work: Work[Store], city: City) -> None:
    """The case ends, and its promises are void. One that has ended already stays as it is."""
    for each in events:
        try:
            _carry_out(_case_of(each, work.store), Withdraw(), city, work, each)
        except NotAllowed:
            continue


def _case_of(event: Event[Any], store: Store) -> Case:
    case = store.lock_concern(event.partitionkey)
    if case is None:
        raise NotYet
    return case


def _carry_out(
    case: Case, order: Order, city: City, work: Work[Store], cause: Event[Any], objection: str | None = None
) -> None:
    done = perform(case, order, city, RESIDENT, work.now, work.store.promises(case.case_id))
    kept = replace(done, entry=replace(done.entry, objection=objection))
    if not take_effect(case, kept, order, work, cause):
        raise NotYet
