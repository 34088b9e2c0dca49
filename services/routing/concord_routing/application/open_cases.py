"""From submitted concerns to cases, and what everybody hears of them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from concord_bus.domain.errors import ParkMessage
from concord_bus.ports import Handler, Work
from concord_city import City, Locator
from concord_contracts import Event, new_event
from concord_contracts.messages import ConcernSubmitted
from concord_routing.application.past import decided, live_through
from concord_routing.application.resident_requests import object_to, withdraw
from concord_routing.domain.case import Case, new_case_ids
from concord_routing.domain.case_opening import FIRST_SEQUENCE, PROMISED_SEQUENCE, announcement, open_case, task_for
from concord_routing.domain.promise import Promise
from concord_routing.domain.promise_telling import made
from concord_routing.domain.promising import first_promises, past_promises
from concord_routing.ports import Store

Submitted = Event[ConcernSubmitted]


def handlers(city: City, case_ids: Callable[[int], Sequence[str]] = new_case_ids) -> Mapping[str, Handler]:
    """Routing's handlers for one city."""
    locator = Locator(city)

    def take(events: Sequence[Submitted], work: Work[Store]) -> None:
        route(events, work, city, locator, case_ids)

    return {
        "concern.submitted.v1": take,
        "objection.given.v1": lambda events, work: object_to(events, work, city),
        "concern.withdrawn.v1": lambda events, work: withdraw(events, work, city),
    }


def route(
    events: Sequence[Submitted],
    work: Work[Store],
    city: City,
    locator: Locator,
    case_ids: Callable[[int], Sequence[str]],
) -> None:
    """Open a case for each concern that has none, and tell of it and of what it is promised."""
    points = [(each.data.point.lon, each.data.point.lat) if each.data.point else None for each in events]
    opened = work.store.open(
        [
            open_case(
                city, each.data, at, _submission(each), case_id, decided(each, work.now), past=bool(each.recorded)
            )
            for each, at, case_id in zip(events, locator.locate_all(points), case_ids(len(events)), strict=True)
        ]
    )
    work.store.add([task for task in map(task_for, opened) if task])
    causes = {each.partitionkey: each for each in events}
    promises = [_promised(case, city, causes[case.concern_id]) for case in opened]
    work.store.keep_promises([each for some in promises for each in some])
    for case, some in zip(opened, promises, strict=True):
        cause = causes[case.concern_id]
        work.publish(*_tell(case, some, city, cause, work.now))
        if cause.data.closed_at:
            live_through(case, some, city, cause, work)


def _promised(case: Case, city: City, cause: Submitted) -> Sequence[Promise]:
    return past_promises(case, city, cause.data.promised_by) if cause.recorded else first_promises(case, city)


def _submission(event: Submitted) -> str:
    if event.sealed is None:
        raise ParkMessage("the submission did not come encrypted")
    return event.sealed


def _tell(case: Case, promises: Sequence[Promise], city: City, cause: Submitted, now: datetime) -> Iterator[Event[Any]]:
    at = case.decided_at
    yield new_event(announcement(case, city), sequence=FIRST_SEQUENCE, time=at, recorded=now, cause=cause)
    if promises:
        told = made(case, promises)
        yield new_event(told, sequence=PROMISED_SEQUENCE, time=told.made_at, recorded=now, cause=cause)
