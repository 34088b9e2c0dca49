"""What timers find: promises that come to be at risk or are missed, and silence. Examined set by set."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from concord_bus.ports import Work
from concord_city import City
from concord_contracts import Event, new_event
from concord_routing.domain.case import MISSED_TASK, SILENT_TASK, Task
from concord_routing.domain.promise import AT_RISK, MISSED, Promise, watched
from concord_routing.domain.promise_telling import at_risk, missed
from concord_routing.domain.silence import fell_silent
from concord_routing.ports import Standing, Store, Watched

EXAMINED_AT_ONCE = 2000
"""Rows in one transaction: others wait for it no longer than for a batch of new concerns."""


def examine_promises(work: Work[Store], limit: int = EXAMINED_AT_ONCE) -> int:
    """Look at promises whose time has come; how many there were. Each is told of once, whoever looks."""
    cases: dict[str, Standing] = {}
    promises: list[Promise] = []
    events: list[Event[Any]] = []
    for case, before in work.store.due_promises(work.now, limit):
        promise = watched(before, work.now)
        stands = cases[case.case_id] = _moved_on(cases.get(case.case_id, case), promise)
        promises.append(promise)
        events.append(_event(case, promise, stands.sequence, work.now))
    work.store.keep_promises(promises)
    work.store.keep_watched(list(cases.values()), silent=False)
    work.store.add(_escalations(promises, work.now))
    work.publish(*events)
    return len(promises)


def examine_silence(work: Work[Store], city: City, limit: int = EXAMINED_AT_ONCE) -> int:
    """Look at open cases whose residents heard nothing for too long; how many there were."""
    silent = work.store.silent_cases(work.now, limit)
    for each in silent:
        told = fell_silent(each, each.last_word_at, city.silence_days, work.now)
        work.publish(new_event(told, sequence=each.sequence + 1, time=told.noticed_at, recorded=work.now))
    moved_on = [Standing(each.case_id, each.sequence + 1, each.promise) for each in silent]
    work.store.keep_watched(moved_on, silent=True)
    work.store.add([Task(each.case_id, "no_word", work.now, kind=SILENT_TASK) for each in silent])
    return len(silent)


def _moved_on(case: Watched | Standing, promise: Promise) -> Standing:
    """The case after one more event about it."""
    missed_one = MISSED in (promise.state, case.promise)
    return Standing(case.case_id, case.sequence + 1, MISSED if missed_one else AT_RISK)


def _event(case: Watched, promise: Promise, sequence: int, now: datetime) -> Event[Any]:
    """Its time is when the promise came to be so, however late a timer came to look."""
    if promise.state == MISSED:
        return new_event(missed(case, promise), sequence=sequence, time=promise.due_at, recorded=now)
    return new_event(at_risk(case, promise), sequence=sequence, time=promise.at_risk_at, recorded=now)


def _escalations(promises: Iterable[Promise], now: datetime) -> list[Task]:
    """One task for each case of which a promise was missed, about the last one."""
    missed_ones = {each.case_id: each.kind for each in promises if each.state == MISSED}
    return [Task(case_id, kind, now, kind=MISSED_TASK) for case_id, kind in missed_ones.items()]
