"""Messages from intake: a public one without personal data, and private ones with description and contact."""

from datetime import datetime

from concord_contracts.fields import instant, later_instant, later_text, message, one_of, point, text, wire
from concord_contracts.messages.points import ExactPoint, GridPoint

CHANNELS = ("web", "phone", "app", "in_person", "email", "import", "api")
DESCRIPTION_LIMIT = 4000


@message
class ConcernReceived:
    """Intake has received a resident's concern. Public: without description, exact point and contact."""

    TYPE = "concern.received.v1"

    concern_id: str = wire(text(), "the concern")
    category: str = wire(text(), "category code of the city")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")
    received_at: datetime = wire(instant(), "when intake received the concern", "UTC")
    occurred_at: datetime | None = wire(instant(optional=True), "when it happened, if known", "UTC")
    place: str = wire(one_of("point", "address", "none"), "how the reporter described the place")
    point: GridPoint | None = wire(point(GridPoint), "the place on the public grid, if the reporter gave a point")


@message
class ConcernSubmitted:
    """The whole concern without the contact, for routing alone."""

    TYPE = "concern.submitted.v1"

    concern_id: str = wire(text(), "the concern")
    category: str = wire(text(), "category code of the city")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")
    description: str = wire(text(DESCRIPTION_LIMIT), "the resident's description")
    language: str = wire(text(35), "language of the description, BCP 47")
    received_at: datetime = wire(instant(), "when intake received the concern", "UTC")
    occurred_at: datetime | None = wire(instant(optional=True), "when it happened, if known", "UTC")
    point: ExactPoint | None = wire(point(ExactPoint), "the exact place, if known")
    address: str | None = wire(text(500, optional=True), "address or description of the place, if known")
    promised_by: datetime | None = wire(
        later_instant(), "the city's own target, of an imported concern", "UTC", default=None
    )
    closed_at: datetime | None = wire(later_instant(), "when the city closed an imported concern", "UTC", default=None)
    area: str | None = wire(later_text(), "area that the reporter chose in place of an exact place", default=None)


@message
class HistoryUpdated:
    """The history of an imported concern has moved on. It states the whole history, for routing alone."""

    TYPE = "history.updated.v1"

    concern_id: str = wire(text(), "the concern")
    promised_by: datetime | None = wire(instant(optional=True), "the city's own target now, if any", "UTC")
    closed_at: datetime | None = wire(instant(optional=True), "when the city closed it, null while it is open", "UTC")
    updated_at: datetime = wire(instant(), "when intake imported this state", "UTC")


@message
class ContactGiven:
    """The reporter's contact, for notification alone."""

    TYPE = "contact.given.v1"

    concern_id: str = wire(text(), "the concern")
    name: str | None = wire(text(200, optional=True), "the reporter's name for the salutation")
    email: str | None = wire(text(254, optional=True), "e-mail address")
    phone: str | None = wire(text(32, optional=True), "telephone number, in E.164 form if possible")
    language: str = wire(text(35), "language of the notices, BCP 47")
    given_at: datetime = wire(instant(), "when the reporter gave it", "UTC")
