"""Intake's events of a concern: those of a new one, of its imported history, and of what its reporter adds later."""

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Any

from concord_contracts import Event, new_event
from concord_contracts.messages import (
    AnswerGiven,
    ConcernReceived,
    ConcernSubmitted,
    ContactGiven,
    ContactRecorded,
    ExactPoint,
    HistoryUpdated,
    snap,
)
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
        yield from contact_events(submission.contact, concern.id, CONTACT, now, received)


def contact_events(
    contact: Contact, concern_id: str, sequence: int, now: datetime, cause: Event[Any] | None = None
) -> tuple[Event[ContactGiven], Event[ContactRecorded]]:
    """Return the messages about a contact: for notification, and for routing. They tell one fact, in one number."""
    values = {"concern_id": concern_id, "given_at": now, **asdict(contact)}
    given = new_event(ContactGiven(**values), sequence=sequence, time=now, cause=cause)
    return given, new_event(ContactRecorded(**values), sequence=sequence, time=now, cause=cause or given)


def answer_event(concern_id: str, words: str, sequence: int, now: datetime) -> Event[AnswerGiven]:
    """Return the event of a reporter's answer or addition, for routing alone."""
    return new_event(AnswerGiven(concern_id=concern_id, words=words, given_at=now), sequence=sequence, time=now)


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
        area=submission.area,
        promised_by=submission.history.promised_by if submission.history else None,
        closed_at=submission.history.closed_at if submission.history else None,
    )
