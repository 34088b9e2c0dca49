"""Intake's events of a concern: those of a new one, and the one about its imported history."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from concord_contracts import Event, new_event
from concord_contracts.messages import ConcernReceived, ConcernSubmitted, ContactGiven, ExactPoint, HistoryUpdated, snap
from concord_intake.domain.concern import Concern, Contact, ImportedHistory, Submission

RECEIVED, SUBMITTED, CONTACT = 1, 2, 3
"""Sequence numbers of a concern's first events."""


def concern_events(submission: Submission, concern: Concern, now: datetime) -> Iterator[Event[Any]]:
    """Yield the events of a new concern. All share the correlation id of the first.

    The events of an imported concern have the time of its report; its contact has the time `now`.
    """
    point = ExactPoint(lon=submission.point[0], lat=submission.point[1]) if submission.point else None
    at = concern.received_at
    received = new_event(_received(submission, concern, point), sequence=RECEIVED, time=at, recorded=now)
    yield received
    yield new_event(_submitted(submission, concern, point), sequence=SUBMITTED, time=at, cause=received, recorded=now)
    if submission.contact:
        yield new_event(_contact(submission.contact, concern, now), sequence=CONTACT, time=now, cause=received)


def history_event(concern_id: str, history: ImportedHistory, sequence: int, now: datetime) -> Event[HistoryUpdated]:
    """Return the event about a history that moved on. It states all of it, so routing needs only the latest one."""
    data = HistoryUpdated(
        concern_id=concern_id, promised_by=history.promised_by, closed_at=history.closed_at, updated_at=now
    )
    return new_event(data, sequence=sequence, time=now)


def _received(submission: Submission, concern: Concern, point: ExactPoint | None) -> ConcernReceived:
    return ConcernReceived(**_about(concern), place=submission.place, point=snap(point) if point else None)


def _about(concern: Concern) -> dict[str, Any]:
    names = ("category", "channel", "received_at", "occurred_at")
    return {"concern_id": concern.id, **{name: getattr(concern, name) for name in names}}


def _submitted(submission: Submission, concern: Concern, point: ExactPoint | None) -> ConcernSubmitted:
    return ConcernSubmitted(
        **_about(concern),
        description=concern.description,
        language=concern.language,
        point=point,
        address=concern.address,
        promised_by=submission.history.promised_by if submission.history else None,
        closed_at=submission.history.closed_at if submission.history else None,
    )


def _contact(contact: Contact, concern: Concern, now: datetime) -> ContactGiven:
    return ContactGiven(concern_id=concern.id, given_at=now, **asdict(contact))
