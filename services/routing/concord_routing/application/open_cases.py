"""Open a case for each submitted concern, and publish its first events."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from concord_bus.domain.errors import ParkMessage
from concord_bus.ports import Work
from concord_city import City, Located
from concord_contracts import Event, new_event
from concord_contracts.messages import ConcernSubmitted
from concord_routing.application.execute_command import new_events
from concord_routing.application.live_rules import LiveRules, Rules
from concord_routing.domain.case import Case, Task, new_case_ids
from concord_routing.domain.case_opening import FIRST_SEQUENCE, PROMISED_SEQUENCE, open_case, task_for
from concord_routing.domain.events import opening_event, promises_made
from concord_routing.domain.imported_history import close_by_history
from concord_routing.domain.promise import Promise, first_promises, historical_promises
from concord_routing.ports import Store

Submitted = Event[ConcernSubmitted]
CaseIds = Callable[[int], Sequence[str]]


class OpenCases:
    """Handles `concern.submitted.v1` by the live rules."""

    def __init__(self, rules: LiveRules, case_ids: CaseIds = new_case_ids) -> None:
        self._rules = rules
        self._case_ids = case_ids

    def __call__(self, events: Sequence[Submitted], work: Work[Store]) -> None:
        """Open a case for each concern that has none. Raises ParkMessage for a concern that came unencrypted."""
        rules = self._rules()
        city = rules.city
        causes = {event.partitionkey: event for event in events}
        cases = work.store.add_cases(self._cases(events, rules, work.now))
        work.store.add_tasks(list(_tasks(cases, causes)))
        promises = [_promises(case, city, causes[case.concern_id]) for case in cases]
        work.store.save_promises([promise for made in promises for promise in made])
        for case, made in zip(cases, promises, strict=True):
            cause = causes[case.concern_id]
            work.publish(*_events(case, made, city, cause, work.now))
            if cause.data.closed_at:
                replay_history(case, made, city, cause, work)

    def _cases(self, events: Sequence[Submitted], rules: Rules, now: datetime) -> list[Case]:
        points = [(event.data.point.lon, event.data.point.lat) if event.data.point else None for event in events]
        rows = zip(events, rules.locator.locate_all(points), self._case_ids(len(events)), strict=True)
        areas = rules.city.areas
        return [
            open_case(
                rules.city,
                event.data,
                Located(event.data.area) if event.data.point is None and event.data.area in areas else located,
                _submission(event),
                case_id,
                decision_time(event, now),
                past=bool(event.recorded),
            )
            for event, located, case_id in rows
        ]


def _submission(event: Submitted) -> str:
    if event.sealed is None:
        raise ParkMessage("the submission did not come encrypted")
    return event.sealed


def decision_time(submitted: Submitted, now: datetime) -> datetime:
    """Return the time of the decision: now; for an imported concern, as long after its receipt as it took now.

    A decision is never later than the closing, so that the closing keeps its own time however late it comes.
    """
    if submitted.recorded is None:
        return now
    decided_at = submitted.time + max(now - submitted.recorded, timedelta(0))
    return min(decided_at, submitted.data.closed_at or decided_at)


def _tasks(cases: Iterable[Case], causes: Mapping[str, Submitted]) -> Iterator[Task]:
    """Yield the task of each case in triage. It is done if the city has closed the concern."""
    for case in cases:
        task = task_for(case)
        if task:
            yield replace(task, state="done") if causes[case.concern_id].data.closed_at else task


def _promises(case: Case, city: City, cause: Submitted) -> Sequence[Promise]:
    if not cause.recorded:
        return first_promises(case, city)
    return historical_promises(case, city, cause.data.promised_by, closed=cause.data.closed_at is not None)


def _events(
    case: Case, promises: Sequence[Promise], city: City, cause: Submitted, now: datetime
) -> Iterator[Event[Any]]:
    opened = opening_event(case, city)
    yield new_event(opened, sequence=FIRST_SEQUENCE, time=case.decided_at, recorded=now, cause=cause)
    if promises and case.team:
        made = promises_made(case, promises)
        yield new_event(made, sequence=PROMISED_SEQUENCE, time=made.made_at, recorded=now, cause=cause)


def replay_history(case: Case, promises: Sequence[Promise], city: City, cause: Submitted, work: Work[Store]) -> None:
    """End a new case at the time at which the city closed it.

    The reporter gets no officer message, because the import has none.
    """
    if cause.data.closed_at is None:
        return
    result = close_by_history(case, cause.data.closed_at, city, promises)
    work.store.save(result.case, result.entry)
    work.store.save_promises(result.promises)
    work.publish(*new_events(result.events, case.sequence, work.now, cause))
