"""Follow the city's own records: an imported concern was closed, reopened, or got another target."""

from collections.abc import Sequence
from operator import attrgetter

from concord_bus.ports import Work
from concord_city import City
from concord_contracts import Event
from concord_contracts.messages import HistoryUpdated
from concord_routing.application.execute_command import new_events, update_tasks
from concord_routing.application.resident_requests import CaseNotOpenedYet
from concord_routing.domain.case import Case
from concord_routing.domain.command_execution import CommandResult
from concord_routing.domain.imported_history import CaseRecord, CityRecord, follow_record
from concord_routing.ports import Store


def follow_history(events: Sequence[Event[HistoryUpdated]], work: Work[Store], city: City) -> None:
    """Change each case as the latest state of its history says; ignore a state that is older than one before.

    Raises CaseNotOpenedYet for a concern without a case. Locks the cases in one order, so that two processes never
    deadlock. The reporter gets no officer message, because the records have none.
    """
    for event in sorted(events, key=attrgetter("partitionkey")):
        case = work.store.lock_by_concern(event.partitionkey)
        if case is None:
            raise CaseNotOpenedYet
        if not work.store.note_history(event.partitionkey, event.sequence):
            continue
        kept = CaseRecord(case, tuple(work.store.promises(case.case_id)), tuple(work.store.history(case.case_id)))
        record = CityRecord(event.data.promised_by, event.data.closed_at, event.data.updated_at)
        for result in follow_record(kept, record, city):
            _save(case, result, work, event)
            case = result.case


def _save(before: Case, result: CommandResult, work: Work[Store], cause: Event[HistoryUpdated]) -> None:
    if not work.store.save(result.case, result.entry):
        raise CaseNotOpenedYet
    work.store.save_promises(result.promises)
    update_tasks(before, result.case, work.store)
    work.publish(*new_events(result.events, before.sequence, work.now, cause))
