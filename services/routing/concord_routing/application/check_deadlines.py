"""What timers find: promises that come to be at risk or are missed, and silence. Examined set by set."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from concord_bus.ports import Work
from concord_city import City
from concord_contracts import Event, new_event
from concord_routing.domain.case import MISSED_TASK, SILENT_TASK, Task
from concord_routing.domain.promise import AT_RISK, MISSED, noticed
from concord_routing.domain.promise_telling import at_risk, missed
from concord_routing.domain.silence import fell_silent
from concord_routing.ports import Due, Standing, Store

EXAMINED_AT_ONCE = 1000
"""Cases in one transaction: others wait for it no longer than for a batch of new concerns."""

WATCHERS = {"postgresql": 2}
"""How many look at once in one process where much is due: while one waits for its database the other makes events.

Each locks cases of its own. SQLite has one writer, and so one watcher.
"""


def examine_promises(work: Work[Store], limit: int = EXAMINED_AT_ONCE) -> int:
    """Look at the `limit` promises whose time came first, and what else is due of their cases; how many there were.

    None: no more are due. Fewer than `limit` does not say so, for another process may have been quicker. Each is told
    of once, whoever looks, and each case is written once.
    """
    cases: dict[str, Standing] = {}
    found: dict[str, list[Due]] = {MISSED: [], AT_RISK: []}
    events: list[Event[Any]] = []
    for due in work.store.due_promises(work.now, limit):
        came_to = noticed(due.due_at, work.now)
        found[came_to].append(due)
        case = cases[due.case_id] = _moved_on(due, cases.get(due.case_id, due), came_to)
        events.append(_event(due, came_to, case.sequence, work.now))
    for came_to, some in found.items():
        work.store.mark(came_to, [(each.case_id, each.number) for each in some])
    work.store.keep_standings(list(cases.values()))
    work.store.add(_escalations(found[MISSED], work.now))
    work.publish(*events)
    return len(events)


def examine_silence(work: Work[Store], city: City, limit: int = EXAMINED_AT_ONCE) -> int:
    """Look at open cases whose residents heard nothing for too long; how many there were. None: no more are."""
    silent = work.store.silent_cases(work.now, limit)
    for each in silent:
        told = fell_silent(each, each.last_word_at, city.silence_days, work.now)
        work.publish(new_event(told, sequence=each.sequence + 1, time=told.noticed_at, recorded=work.now))
    work.store.keep_silent([(each.case_id, each.sequence + 1) for each in silent])
    work.store.add([Task(each.case_id, "no_word", work.now, kind=SILENT_TASK) for each in silent])
    return len(silent)


def _moved_on(due: Due, case: Due | Standing, came_to: str) -> Standing:
    """The case after one more event about it."""
    return Standing(due.place, MISSED if MISSED in (came_to, case.promise) else AT_RISK, case.sequence + 1)


def _event(due: Due, came_to: str, sequence: int, now: datetime) -> Event[Any]:
    """Its time is when the promise came to be so, however late a timer came to look."""
    if came_to == MISSED:
        return new_event(missed(due, due), sequence=sequence, time=due.due_at, recorded=now)
    return new_event(at_risk(due, due), sequence=sequence, time=due.at_risk_at, recorded=now)


def _escalations(missed_ones: Iterable[Due], now: datetime) -> list[Task]:
    """One task for each case of which a promise was missed, about the first that nobody has done."""
    first: dict[str, str] = {}
    for each in missed_ones:
        if each.promise != MISSED:  # else the task waits already
            first.setdefault(each.case_id, each.kind)
    return [Task(case_id, kind, now, kind=MISSED_TASK) for case_id, kind in first.items()]
