"""From submitted concerns to cases, and what everybody hears of them."""

from collections.abc import Callable, Mapping, Sequence

from concord_bus.domain.errors import Park
from concord_bus.ports import Handler, Work
from concord_city import City, Locator
from concord_contracts import Event, new_event
from concord_contracts.messages import ConcernSubmitted
from concord_routing.domain.case import Case, new_case_id
from concord_routing.domain.opening import announcement, open_case, task_for
from concord_routing.ports import Store

Submitted = Event[ConcernSubmitted]


def handlers(city: City, case_id: Callable[[], str] = new_case_id) -> Mapping[str, Handler]:
    """Routing's handlers for one city."""
    locator = Locator(city)

    def take(events: Sequence[Submitted], work: Work[Store]) -> None:
        route(events, work, city, locator, case_id)

    return {"concern.submitted.v1": take}


def route(
    events: Sequence[Submitted], work: Work[Store], city: City, locator: Locator, case_id: Callable[[], str]
) -> None:
    """Open a case for each concern that has none, and tell of it."""
    points = [(each.data.point.lon, each.data.point.lat) if each.data.point else None for each in events]
    opened = work.store.open(
        [
            open_case(city, each.data, located, _submission(each), case_id(), work.now)
            for each, located in zip(events, locator.locate_all(points), strict=True)
        ]
    )
    work.store.add([task for task in map(task_for, opened) if task])
    causes = {each.partitionkey: each for each in events}
    work.publish(*(_tell(case, city, causes[case.concern_id], work) for case in opened))


def _submission(event: Submitted) -> str:
    if event.sealed is None:
        raise Park("the submission did not come encrypted")
    return event.sealed


def _tell(case: Case, city: City, cause: Submitted, work: Work[Store]) -> Event[object]:
    return new_event(announcement(case, city), sequence=case.sequence, time=work.now, cause=cause)
