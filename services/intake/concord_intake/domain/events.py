"""What the others are told of a concern: everybody that it came in, routing its words, notification its contact."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from concord_contracts import Event, new_event
from concord_contracts.messages import ConcernReceived, ConcernSubmitted, ContactGiven, ExactPoint, snap
from concord_intake.domain.concern import Concern, Contact, Said

RECEIVED, SUBMITTED, CONTACT = 1, 2, 3
"""Intake's sequence of a concern's first events."""


def announce(said: Said, concern: Concern, now: datetime) -> Iterator[Event[Any]]:
    """The events of a new concern; all share one correlation id, that of the first.

    One with a past is told of with the time at which it was so; its contact is given now.
    """
    point = ExactPoint(lon=said.point[0], lat=said.point[1]) if said.point else None
    at = concern.received_at
    received = new_event(_received(said, concern, point), sequence=RECEIVED, time=at, recorded=now)
    yield received
    yield new_event(_submitted(said, concern, point), sequence=SUBMITTED, time=at, cause=received, recorded=now)
    if said.contact:
        yield new_event(_contact(said.contact, concern, now), sequence=CONTACT, time=now, cause=received)


def _received(said: Said, concern: Concern, point: ExactPoint | None) -> ConcernReceived:
    return ConcernReceived(
        concern_id=concern.id,
        category=concern.category,
        channel=concern.channel,
        received_at=concern.received_at,
        occurred_at=concern.occurred_at,
        place=said.place,
        point=snap(point) if point else None,
    )


def _submitted(said: Said, concern: Concern, point: ExactPoint | None) -> ConcernSubmitted:
    return ConcernSubmitted(
        concern_id=concern.id,
        category=concern.category,
        channel=concern.channel,
        description=concern.description,
        language=concern.language,
        received_at=concern.received_at,
        occurred_at=concern.occurred_at,
        point=point,
        address=concern.address,
        promised_by=said.past.promised_by if said.past else None,
        closed_at=said.past.closed_at if said.past else None,
    )


def _contact(contact: Contact, concern: Concern, now: datetime) -> ContactGiven:
    return ContactGiven(
        concern_id=concern.id,
        name=contact.name,
        email=contact.email,
        phone=contact.phone,
        language=contact.language,
        given_at=now,
    )
