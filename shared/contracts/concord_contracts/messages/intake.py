"""What intake tells the others: publicly that a concern came in, privately what was said and by whom."""

from datetime import datetime

from concord_contracts.fields import instant, later_instant, message, one_of, point, text, wire
from concord_contracts.messages.points import ExactPoint, GridPoint

CHANNELS = ("web", "phone", "app", "in_person", "email", "import", "api")
DESCRIPTION_LIMIT = 4000


@message
class ConcernReceived:
    """A resident's concern has been taken in. Public: no words, no exact point, no contact."""

    concern_id: str = wire(text(), "the concern")
    category: str = wire(text(), "category code of the city")
    channel: str = wire(one_of(*CHANNELS), "how it came in")
    received_at: datetime = wire(instant(), "when it was taken in", "UTC")
    occurred_at: datetime | None = wire(instant(optional=True), "when it happened, if said", "UTC")
    place: str = wire(one_of("point", "address", "none"), "how the place was given")
    point: GridPoint | None = wire(point(GridPoint), "the place on the public grid, if a point was given")


@message
class ConcernSubmitted:
    """The concern as the resident said it, for routing alone."""

    concern_id: str = wire(text(), "the concern")
    category: str = wire(text(), "category code of the city")
    channel: str = wire(one_of(*CHANNELS), "how it came in")
    description: str = wire(text(DESCRIPTION_LIMIT), "the resident's words")
    language: str = wire(text(35), "language of the words, BCP 47")
    received_at: datetime = wire(instant(), "when it was taken in", "UTC")
    occurred_at: datetime | None = wire(instant(optional=True), "when it happened, if said", "UTC")
    point: ExactPoint | None = wire(point(ExactPoint), "the exact place, if given")
    address: str | None = wire(text(500, optional=True), "the place in words, if given")
    promised_by: datetime | None = wire(
        later_instant(), "the city's own target, of a concern with a past", "UTC", default=None
    )
    closed_at: datetime | None = wire(
        later_instant(), "when it was dealt with, of a concern with a past", "UTC", default=None
    )


@message
class ContactGiven:
    """How the reporter can be reached, for notification alone."""

    concern_id: str = wire(text(), "the concern")
    name: str | None = wire(text(200, optional=True), "how the reporter wants to be addressed")
    email: str | None = wire(text(254, optional=True), "e-mail address")
    phone: str | None = wire(text(32, optional=True), "telephone number, E.164 where it could be read so")
    language: str = wire(text(35), "language to write in, BCP 47")
    given_at: datetime = wire(instant(), "when the reporter gave it", "UTC")
