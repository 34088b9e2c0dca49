"""Projection of routing's events to the timeline.

Each row has the sequence of its event, so the order of arrival does not matter.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from concord_bus.ports import Handler, Work
from concord_contracts import CATALOGUE, Event
from concord_contracts.messages import (
    ConcernAcknowledged,
    ConcernClosed,
    ConcernDeclined,
    ConcernReassigned,
    ConcernReferred,
    ConcernReopened,
    ConcernResolved,
    ConcernRouted,
    ConcernUnroutable,
    ConcernUpdated,
    PromiseMissed,
    PromiseRenegotiated,
    WordRecorded,
)
from concord_intake.domain.timeline import OfficerMessage, Status, Step
from concord_intake.ports import Store

StepFactory = Callable[[int, Any], Step]
"""Makes a step from the sequence and the data of an event."""


def _routed(sequence: int, data: ConcernRouted) -> Step:
    return _team_step("routed", data.routed_at, sequence, data)


def _reassigned(sequence: int, data: ConcernReassigned) -> Step:
    """Residents see the first team as `routed`, also when a person chose it."""
    return _team_step("reassigned" if data.from_team else "routed", data.reassigned_at, sequence, data)


def _team_step(status: Status, at: datetime, sequence: int, data: ConcernRouted | ConcernReassigned) -> Step:
    return Step(
        data.concern_id,
        sequence,
        status,
        at,
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
    """A promise of the kind `agreed` has its own due time; the other kinds replace one of the two that rules set."""
    step = Step(data.concern_id, sequence, "renegotiated", data.renegotiated_at, promise=data.promise)
    if data.promise == "acknowledgement":
        return replace(step, acknowledge_by=data.due_at)
    return replace(step, respond_by=data.due_at) if data.promise == "response" else replace(step, due_at=data.due_at)


def _missed(sequence: int, data: PromiseMissed) -> Step:
    return Step(data.concern_id, sequence, "missed", data.missed_at, promise=data.promise, due_at=data.due_at)


def _status_step(status: Status, at: Callable[[Any], datetime]) -> StepFactory:
    """Return a factory for events that change the status and nothing else; `at` reads their time."""
    return lambda sequence, data: Step(data.concern_id, sequence, status, at(data))


def _step_handler(make_step: StepFactory) -> Handler:
    """Return a handler that stores the step of each event."""

    def add_steps(events: Sequence[Event[Any]], work: Work[Store]) -> None:
        work.store.add_steps([make_step(event.sequence, event.data) for event in events])

    return add_steps


def _add_officer_messages(events: Sequence[Event[WordRecorded]], work: Work[Store]) -> None:
    """An officer message has the sequence of its step, and either can arrive first."""
    work.store.add_officer_messages(
        [
            OfficerMessage(
                word.concern_id, word.cause_sequence, word.words, word.where_to_go, word.partner, word.due_at
            )
            for word in (event.data for event in events)
        ]
    )


_STEP_FACTORIES: Mapping[type[Any], StepFactory] = {
    ConcernRouted: _routed,
    ConcernUnroutable: _unroutable,
    ConcernAcknowledged: _status_step("acknowledged", attrgetter("acknowledged_at")),
    ConcernUpdated: _updated,
    ConcernReassigned: _reassigned,
    ConcernReferred: _status_step("referred", attrgetter("referred_at")),
    ConcernResolved: _resolved,
    ConcernDeclined: _status_step("declined", attrgetter("declined_at")),
    ConcernReopened: _reopened,
    ConcernClosed: _status_step("closed", attrgetter("closed_at")),
    PromiseRenegotiated: _renegotiated,
    PromiseMissed: _missed,
}

_HANDLERS_BY_CLASS: Mapping[type[Any], Handler] = {
    **{message: _step_handler(make_step) for message, make_step in _STEP_FACTORIES.items()},
    WordRecorded: _add_officer_messages,
}

HANDLERS: Mapping[str, Handler] = {
    name: _HANDLERS_BY_CLASS[message.data] for name, message in CATALOGUE.items() if message.data in _HANDLERS_BY_CLASS
}
"""Event handlers by event type."""
