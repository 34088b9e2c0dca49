"""Follow what routing does with concerns. Each event is kept by its sequence, so the order of arrival is no matter."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from concord_bus.ports import Handler, Work
from concord_contracts import Event
from concord_contracts.messages import (
    ConcernReassigned,
    ConcernReopened,
    ConcernRouted,
    ConcernUnroutable,
    ConcernUpdated,
)
from concord_intake.domain.progress import Status, Step
from concord_intake.ports import Store

Make = Callable[[int, Any], Step]
"""From the sequence and the data of an event to the step that is kept."""


def _routed(sequence: int, data: ConcernRouted) -> Step:
    return Step(
        data.concern_id,
        sequence,
        "routed",
        data.routed_at,
        team=data.team,
        team_name=data.team_name,
        acknowledge_by=data.acknowledge_by,
        respond_by=data.respond_by,
    )


def _unroutable(sequence: int, data: ConcernUnroutable) -> Step:
    return Step(data.concern_id, sequence, "unroutable", data.decided_at, reason=data.reason)


def _updated(sequence: int, data: ConcernUpdated) -> Step:
    return Step(data.concern_id, sequence, "waiting" if data.waiting else "updated", data.updated_at)


def _reassigned(sequence: int, data: ConcernReassigned) -> Step:
    """The first team that a person chose is no other team to the resident."""
    return Step(
        data.concern_id,
        sequence,
        "reassigned" if data.from_team else "routed",
        data.reassigned_at,
        team=data.team,
        team_name=data.team_name,
        acknowledge_by=data.acknowledge_by,
        respond_by=data.respond_by,
    )


def _reopened(sequence: int, data: ConcernReopened) -> Step:
    return Step(
        data.concern_id,
        sequence,
        "reopened",
        data.reopened_at,
        acknowledge_by=data.acknowledge_by,
        respond_by=data.respond_by,
    )


def _plain(status: Status, at: Callable[[Any], datetime]) -> Make:
    """The step of an event that tells no more than that something was done, and when."""
    return lambda sequence, data: Step(data.concern_id, sequence, status, at(data))


def _follow(make: Make) -> Handler:
    """The handler of one type, which keeps what `make` makes of each event."""

    def keep(events: Sequence[Event[Any]], work: Work[Store]) -> None:
        work.store.add_steps([make(event.sequence, event.data) for event in events])

    return keep


HANDLERS: Mapping[str, Handler] = {
    "concern.routed.v1": _follow(_routed),
    "concern.unroutable.v1": _follow(_unroutable),
    "concern.acknowledged.v1": _follow(_plain("acknowledged", attrgetter("acknowledged_at"))),
    "concern.updated.v1": _follow(_updated),
    "concern.reassigned.v1": _follow(_reassigned),
    "concern.referred.v1": _follow(_plain("referred", attrgetter("referred_at"))),
    "concern.resolved.v1": _follow(_plain("resolved", attrgetter("resolved_at"))),
    "concern.declined.v1": _follow(_plain("declined", attrgetter("declined_at"))),
    "concern.reopened.v1": _follow(_reopened),
    "concern.closed.v1": _follow(_plain("closed", attrgetter("closed_at"))),
}
