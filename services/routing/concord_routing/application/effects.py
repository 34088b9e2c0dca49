"""What an order leaves behind when it was carried out: rows, tasks, what everybody is told, words to the resident."""

from typing import Any

from concord_bus.ports import Work
from concord_contracts import Event, new_event
from concord_routing.domain.case import MISSED_TASK, SILENT_TASK, TRIAGE, Case
from concord_routing.domain.command_execution import Done
from concord_routing.domain.commands import Order
from concord_routing.domain.promise import MISSED
from concord_routing.domain.silence import OPEN_STATES
from concord_routing.domain.words import words_for
from concord_routing.ports import Store


def take_effect(before: Case, done: Done, order: Order, work: Work[Store], cause: Event[Any] | None = None) -> bool:
    """Keep and tell it, in the transaction of `work`; False, and nothing is done, when the case kept is another one."""
    if not work.store.keep(done.case, done.entry):
        return False
    work.store.keep_promises(done.promises)
    _set_tasks(before, done.case, work.store)
    _tell(before, done, order, work, cause)
    return True


def _set_tasks(before: Case, case: Case, store: Store) -> None:
    """A command only ever ends what was missed or silent; timers begin it."""
    if TRIAGE in (before.state, case.state):
        store.set_task(case.case_id, waits=case.state == TRIAGE)
    if before.promise == MISSED and case.promise != MISSED:
        store.set_task(case.case_id, MISSED_TASK, waits=False)
    heard = before.silent_at is None and case.silent_at is not None
    if heard or case.state not in OPEN_STATES:
        store.set_task(case.case_id, SILENT_TASK, waits=False)


def _tell(before: Case, done: Done, order: Order, work: Work[Store], cause: Event[Any] | None) -> None:
    for sequence, fact in enumerate(done.facts, before.sequence + 1):
        event = new_event(fact.data, sequence=sequence, time=fact.at, recorded=work.now, cause=cause)
        work.publish(event)
        if fact.data is done.told:
            for word in words_for(done.case, order, event.id, sequence, work.now):
                work.publish(new_event(word, sequence=sequence, time=work.now, cause=event))
