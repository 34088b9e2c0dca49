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
    """The events of a new concern; all share one correlation id, that of the first."""
    point = ExactPoint(lon=said.point[0], lat=said.point[1]) if said.point else None
    received = new_event(_received(said, concern, point), sequence=RECEIVED, time=now)
    yield received
    yield new_event(_submitted(concern, point), sequence=SUBMITTED, time=now, cause=received)
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


def _submitted(concern: Concern, point: ExactPoint | None) -> ConcernSubmitted:
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
