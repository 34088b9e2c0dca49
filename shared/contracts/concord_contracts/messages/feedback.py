"""Messages from intake with residents' feedback. Its four ratings measure procedural justice.

Voice, respect, neutrality and trustworthy motives: Tyler, "Procedural Justice, Legitimacy, and the Effective Rule of
Law", Crime and Justice 30 (2003).
"""

from datetime import datetime

from concord_contracts.fields import count, flag, instant, later_one_of, message, one_of, rating, text, wire
from concord_contracts.messages.intake import CHANNELS

OBJECTION_LIMIT = 2000
EXTENTS = ("fixed", "partly", "not_fixed")
"""The extent to which the problem is fixed for the reporter. Partly counts as not fixed."""


@message
class ReporterEvent:
    """Fields of every public message about an action of the reporter."""

    concern_id: str = wire(text(), "the concern")
    category: str = wire(text(), "category code of the city")
    area: str | None = wire(text(optional=True), "area of the place, if known")
    team: str | None = wire(text(optional=True), "code of the team that resolved the concern, if known")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")


@message
class FeedbackGiven(ReporterEvent):
    """The reporter has given feedback, at most once for each resolution."""

    TYPE = "feedback.given.v1"

    resolution: int = wire(count(1), "sequence of the event that announced the resolution")
    fixed: bool = wire(flag(), "the reporter considers the problem fixed")
    voice: int | None = wire(rating(), "could say what mattered", "1 (not at all) to 5 (fully)")
    respect: int | None = wire(rating(), "was treated with respect", "1 (not at all) to 5 (fully)")
    neutrality: int | None = wire(rating(), "handled the same as for anyone", "1 (not at all) to 5 (fully)")
    motives: int | None = wire(rating(), "they tried to do what is best for people here", "1 (not at all) to 5 (fully)")
    given_at: datetime = wire(instant(), "when the reporter answered", "UTC")
    extent: str | None = wire(later_one_of(*EXTENTS), "how much is fixed, if the reporter said it", default=None)


@message
class ReopenRequested(ReporterEvent):
    """The reporter has objected to a resolution."""

    TYPE = "reopen.requested.v1"

    resolution: int = wire(count(1), "sequence of the event that announced the resolution")
    requested_at: datetime = wire(instant(), "when the reporter objected", "UTC")


@message
class ObjectionGiven:
    """The text of an objection, for routing alone, which reopens the case."""

    TYPE = "objection.given.v1"

    concern_id: str = wire(text(), "the concern")
    resolution: int = wire(count(1), "sequence of the event that announced the resolution")
    reason: str = wire(text(OBJECTION_LIMIT), "the reporter's text")
    given_at: datetime = wire(instant(), "when the reporter objected", "UTC")


@message
class ConcernWithdrawn(ReporterEvent):
    """The reporter has withdrawn the concern."""

    TYPE = "concern.withdrawn.v1"

    team: str | None = wire(text(optional=True), "code of the team that has the case, if known")
    withdrawn_at: datetime = wire(instant(), "when the reporter withdrew it", "UTC")
