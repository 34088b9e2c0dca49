"""Deadline checks: find promises that are at risk or missed, silent cases and unanswered questions, in batches."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from concord_bus.ports import Work
from concord_city import City
from concord_contracts import Event, new_event
from concord_routing.domain.case import MISSED_TASK, SILENT_TASK, UNANSWERED_TASK, Task
from concord_routing.domain.deadline_checks import DuePromise
from concord_routing.domain.events import fell_silent, promise_at_risk, promise_missed, went_unanswered
from concord_routing.domain.promise import AT_RISK, MISSED, due_state
from concord_routing.ports import PromiseStatus, Store

MAX_CASES = 1000
"""Cases in one transaction. Commands wait for it no longer than for a batch of new concerns."""

WORKERS_BY_DIALECT = {"postgresql": 2}
"""Parallel workers of one process: while one waits for its database, the other makes events.

Each worker locks cases of its own. SQLite has one writer, so it has one worker.
"""


def check_promises(work: Work[Store], limit: int = MAX_CASES) -> int:
    """Check the `limit` promises with the earliest time and all due ones of the same cases; return their number.

    Zero means that no more are due. A number below `limit` does not mean that, because another process may have been
    quicker. Each promise gets one event, and each case one write.
    """
    statuses: dict[str, PromiseStatus] = {}
    by_state: dict[str, list[DuePromise]] = {MISSED: [], AT_RISK: []}
    events: list[Event[Any]] = []
    for due in work.store.due_promises(work.now, limit):
        state = due_state(due.due_at, work.now)
        by_state[state].append(due)
        status = statuses[due.case_id] = _next_status(due, statuses.get(due.case_id, due), state)
        events.append(_event(due, state, status.sequence, work.now))
    for state, promises in by_state.items():
        work.store.set_promise_states(state, [(promise.case_id, promise.number) for promise in promises])
    work.store.save_promise_statuses(list(statuses.values()))
    work.store.add_tasks(_escalations(by_state[MISSED], work.now))
    work.publish(*events)
    return len(events)


def check_silence(work: Work[Store], city: City, limit: int = MAX_CASES) -> int:
    """Check open cases for silence; return the number of silent ones. Zero means that no more are due."""
    cases = work.store.silent_cases(work.now, limit)
    for case in cases:
        event = fell_silent(case, city.silence_days, work.now)
        work.publish(new_event(event, sequence=case.sequence + 1, time=event.noticed_at, recorded=work.now))
    work.store.clear_silence_timers([(case.case_id, case.sequence + 1) for case in cases])
    work.store.add_tasks([Task(case.case_id, "no_word", work.now, kind=SILENT_TASK) for case in cases])
    return len(cases)


def check_questions(work: Work[Store], city: City, limit: int = MAX_CASES) -> int:
    """Check cases that wait for the resident; return the number without an answer. Zero means that no more are due.

    Each question is told of once. A city that waits for fewer days than before finds more of them at its next check.
    """
    cases = work.store.unanswered_cases(work.now - timedelta(days=city.answer_days), limit)
    for case in cases:
        event = went_unanswered(case, city.answer_days, work.now)
        work.publish(new_event(event, sequence=case.sequence + 1, time=event.noticed_at, recorded=work.now))
    work.store.clear_question_timers([(case.case_id, case.sequence + 1) for case in cases])
    work.store.add_tasks([Task(case.case_id, "no_answer", work.now, kind=UNANSWERED_TASK) for case in cases])
    return len(cases)


def _next_status(due: DuePromise, case: DuePromise | PromiseStatus, state: str) -> PromiseStatus:
    """The status of the case after one more event about it."""
    return PromiseStatus(due.place, MISSED if MISSED in (state, case.promise) else AT_RISK, case.sequence + 1)


def _event(due: DuePromise, state: str, sequence: int, now: datetime) -> Event[Any]:
    """Its time is the one at which the promise reached the state, however late the check runs."""
    if state == MISSED:
        return new_event(promise_missed(due, due), sequence=sequence, time=due.due_at, recorded=now)
    return new_event(promise_at_risk(due, due), sequence=sequence, time=due.at_risk_at, recorded=now)


def _escalations(missed: Iterable[DuePromise], now: datetime) -> list[Task]:
    """One task for each case with a missed promise, about the first that is not done."""
    kinds: dict[str, str] = {}
    for due in missed:
        if due.promise != MISSED:  # otherwise the task is open already
            kinds.setdefault(due.case_id, due.kind)
    return [Task(case_id, kind, now, kind=MISSED_TASK) for case_id, kind in kinds.items()]
