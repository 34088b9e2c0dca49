"""Follow what routing does with concerns. Each event is kept by its sequence, so the order of arrival is no matter."""

from collections.abc import Mapping, Sequence

from concord_bus.ports import Handler, Work
from concord_contracts import Event
from concord_contracts.messages import ConcernRouted, ConcernUnroutable
from concord_intake.domain.progress import Step
from concord_intake.ports import Store


def routed(events: Sequence[Event[ConcernRouted]], work: Work[Store]) -> None:
    """A team has them and has promised times."""
    work.store.add_steps([_routed(event) for event in events])


def unroutable(events: Sequence[Event[ConcernUnroutable]], work: Work[Store]) -> None:
    """A person has to choose who acts on them."""
    work.store.add_steps([_unroutable(event) for event in events])


HANDLERS: Mapping[str, Handler] = {
    "concern.routed.v1": routed,
    "concern.unroutable.v1": unroutable,
}


def _routed(event: Event[ConcernRouted]) -> Step:
    data = event.data
    return Step(
        data.concern_id,
        event.sequence,
        "routed",
        data.routed_at,
        team=data.team,
        team_name=data.team_name,
        acknowledge_by=data.acknowledge_by,
        respond_by=data.respond_by,
    )


def _unroutable(event: Event[ConcernUnroutable]) -> Step:
    data = event.data
    return Step(data.concern_id, event.sequence, "unroutable", data.decided_at, reason=data.reason)
