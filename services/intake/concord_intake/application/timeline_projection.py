"""Follow what routing does with concerns. Each event is kept by its sequence, so the order of arrival is no matter."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from concord_bus.ports import Handler, Work
from concord_contracts import Event
from concord_contracts.messages import (
    ConcernReassigned,
    ConcernReopened,
    ConcernResolved,
    ConcernRouted,
    ConcernUnroutable,
    ConcernUpdated,
    PromiseMissed,
    PromiseRenegotiated,
    WordRecorded,
)
from concord_intake.domain.timeline import Status, Step, Word
from concord_intake.ports import Store

Make = Callable[[int, Any], Step]
"""From the sequence and the data of an event to the step that is kept."""


def _routed(sequence: int, data: ConcernRouted) -> Step:
    return Step(
        data.concern_id,
        sequence,
        "routed",
        data.routed_at,
        area=data.area,
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
        area=data.area,
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


def _resolved(sequence: int, data: ConcernResolved) -> Step:
    return Step(data.concern_id, sequence, "resolved", data.resolved_at, area=data.area)


def _renegotiated(sequence: int, data: PromiseRenegotiated) -> Step:
    """Another time for what was promised by rule is one of the promised times; of anything else it stands alone."""
    step = Step(data.concern_id, sequence, "renegotiated", data.renegotiated_at, promise=data.promise)
    if data.promise == "acknowledgement":
        return replace(step, acknowledge_by=data.due_at)
    return replace(step, respond_by=data.due_at) if data.promise == "response" else replace(step, due_at=data.due_at)


def _missed(sequence: int, data: PromiseMissed) -> Step:
    return Step(data.concern_id, sequence, "missed", data.missed_at, promise=data.promise, due_at=data.due_at)


def _plain(status: Status, at: Callable[[Any], datetime]) -> Make:
    """The step of an event that tells no more than that something was done, and when."""
    return lambda sequence, data: Step(data.concern_id, sequence, status, at(data))


def _follow(make: Make) -> Handler:
    """The handler of one type, which keeps what `make` makes of each event."""

    def keep(events: Sequence[Event[Any]], work: Work[Store]) -> None:
        work.store.add_steps([make(event.sequence, event.data) for event in events])

    return keep


def _keep_words(events: Sequence[Event[WordRecorded]], work: Work[Store]) -> None:
    """An officer's words belong to the step whose event they name; either may come first."""
    said = [each.data for each in events]
    work.store.add_words(
        [
            Word(each.concern_id, each.cause_sequence, each.words, each.where_to_go, each.partner, each.due_at)
            for each in said
        ]
    )


HANDLERS: Mapping[str, Handler] = {
    "concern.routed.v1": _follow(_routed),
    "concern.unroutable.v1": _follow(_unroutable),
    "concern.acknowledged.v1": _follow(_plain("acknowledged", attrgetter("acknowledged_at"))),
    "concern.updated.v1": _follow(_updated),
    "concern.reassigned.v1": _follow(_reassigned),
    "concern.referred.v1": _follow(_plain("referred", attrgetter("referred_at"))),
    "concern.resolved.v1": _follow(_resolved),
    "concern.declined.v1": _follow(_plain("declined", attrgetter("declined_at"))),
    "concern.reopened.v1": _follow(_reopened),
    "concern.closed.v1": _follow(_plain("closed", attrgetter("closed_at"))),
    "promise.renegotiated.v1": _follow(_renegotiated),
    "promise.missed.v1": _follow(_missed),
    "word.recorded.v1": _keep_words,
}
