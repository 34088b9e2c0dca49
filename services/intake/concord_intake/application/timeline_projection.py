"""Projection of routing's events to the timeline, and the count of looks at a concern.

Each step has the sequence of its event, so the order of arrival does not matter.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from concord_bus.ports import Handler, Work
from concord_contracts import CATALOGUE, Event
from concord_contracts.messages import (
    AccessRecorded,
    ConcernAcknowledged,
    ConcernClosed,
    ConcernDeclined,
    ConcernReassigned,
    ConcernReferred,
    ConcernReopened,
    ConcernResolved,
    ConcernRouted,
    ConcernUnanswered,
    ConcernUnroutable,
    ConcernUpdated,
    PromiseMissed,
    PromiseRenegotiated,
    WordRecorded,
)
from concord_intake.domain.reporter import Looks
from concord_intake.domain.timeline import OfficerMessage, Status, Step
from concord_intake.ports import Store

StepFactory = Callable[[int, Any], Step]
"""Makes a step from the sequence and the data of an event."""


TEAM_FIELDS = ("area", "team", "team_name", "acknowledge_by", "respond_by")


def _step(status: Status, at: str, *names: str) -> StepFactory:
    """Return a factory for steps with this status. `at` names the event's time, `names` the fields to copy from it."""

    def make_step(sequence: int, data: Any) -> Step:
        values = {name: getattr(data, name) for name in names}
        return Step(data.concern_id, sequence, status, getattr(data, at), **values)

    return make_step


def _updated(sequence: int, data: ConcernUpdated) -> Step:
    return Step(data.concern_id, sequence, "waiting" if data.waiting else "updated", data.updated_at)


def _reassigned(sequence: int, data: ConcernReassigned) -> Step:
    """Residents see the first team as `routed`, also when a person chose it."""
    return _step("reassigned" if data.from_team else "routed", "reassigned_at", *TEAM_FIELDS)(sequence, data)


def _renegotiated(sequence: int, data: PromiseRenegotiated) -> Step:
    """A promise of the kind `agreed` has its own due time; the other kinds replace one of the two that rules set."""
    field = {"acknowledgement": "acknowledge_by", "response": "respond_by"}.get(data.promise, "due_at")
    due: dict[str, Any] = {field: data.due_at}
    return Step(data.concern_id, sequence, "renegotiated", data.renegotiated_at, promise=data.promise, **due)


def _step_handler(make_step: StepFactory) -> Handler:
    """Return a handler that stores the step of each event."""

    def add_steps(events: Sequence[Event[Any]], work: Work[Store]) -> None:
        work.store.add_steps([make_step(event.sequence, event.data) for event in events])

    return add_steps


def _add_officer_messages(events: Sequence[Event[WordRecorded]], work: Work[Store]) -> None:
    """An officer message has the sequence of its step, and either can arrive first."""
    words = [event.data for event in events]
    work.store.add_officer_messages(
        [OfficerMessage(w.concern_id, w.cause_sequence, w.words, w.where_to_go, w.partner, w.due_at) for w in words]
    )


def _count_looks(events: Sequence[Event[AccessRecorded]], work: Work[Store]) -> None:
    """The inbox lets each event take effect once, so counting is safe."""
    looks = [event.data for event in events]
    work.store.count_looks([Looks(look.concern_id, look.part, 1, look.accessed_at) for look in looks])


_STEP_FACTORIES: Mapping[type[Any], StepFactory] = {
    ConcernRouted: _step("routed", "routed_at", *TEAM_FIELDS),
    ConcernUnroutable: _step("unroutable", "decided_at", "reason"),
    ConcernAcknowledged: _step("acknowledged", "acknowledged_at"),
    ConcernUpdated: _updated,
    ConcernReassigned: _reassigned,
    ConcernReferred: _step("referred", "referred_at"),
    ConcernResolved: _step("resolved", "resolved_at", "area"),
    ConcernDeclined: _step("declined", "declined_at"),
    ConcernReopened: _step("reopened", "reopened_at", "acknowledge_by", "respond_by"),
    ConcernClosed: _step("closed", "closed_at"),
    ConcernUnanswered: _step("unanswered", "noticed_at"),
    PromiseRenegotiated: _renegotiated,
    PromiseMissed: _step("missed", "missed_at", "promise", "due_at"),
}

_HANDLERS_BY_CLASS: Mapping[type[Any], Handler] = {
    **{message: _step_handler(make_step) for message, make_step in _STEP_FACTORIES.items()},
    WordRecorded: _add_officer_messages,
    AccessRecorded: _count_looks,
}

HANDLERS: Mapping[str, Handler] = {
    name: _HANDLERS_BY_CLASS[message.data] for name, message in CATALOGUE.items() if message.data in _HANDLERS_BY_CLASS
}
"""Event handlers by event type."""
