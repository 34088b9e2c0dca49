"""What residents say of how their concern was handled. The four ratings are those of procedural justice.

Voice, respect, neutrality and trustworthy motives: Tyler, "Procedural Justice, Legitimacy, and the Effective Rule of
Law", Crime and Justice 30 (2003).
"""

from datetime import datetime

from concord_contracts.fields import count, flag, instant, message, one_of, rating, text, wire
from concord_contracts.messages.intake import CHANNELS

OBJECTION_LIMIT = 2000


@message
class FeedbackGiven:
    """A reporter has answered, once for each resolution, whether it is fixed and how it was handled."""

    concern_id: str = wire(text(), "the concern")
    category: str = wire(text(), "category code of the city")
    area: str | None = wire(text(optional=True), "area the place lies in, if known")
    team: str | None = wire(text(optional=True), "code of the team that resolved it, if known")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")
    resolution: int = wire(count(1), "sequence of the event that told of the resolution")
    fixed: bool = wire(flag(), "the reporter says that it is fixed")
    voice: int | None = wire(rating(), "could say what mattered", "1 (not at all) to 5 (fully)")
    respect: int | None = wire(rating(), "was treated with respect", "1 (not at all) to 5 (fully)")
    neutrality: int | None = wire(rating(), "handled the same as for anyone", "1 (not at all) to 5 (fully)")
    motives: int | None = wire(rating(), "they tried to do what is best for people here", "1 (not at all) to 5 (fully)")
    given_at: datetime = wire(instant(), "when it was answered", "UTC")


@message
class ReopenRequested:
    """A reporter says that it is not fixed."""

    concern_id: str = wire(text(), "the concern")
    category: str = wire(text(), "category code of the city")
    area: str | None = wire(text(optional=True), "area the place lies in, if known")
    team: str | None = wire(text(optional=True), "code of the team that resolved it, if known")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")
    resolution: int = wire(count(1), "sequence of the event that told of the resolution")
    requested_at: datetime = wire(instant(), "when it was said", "UTC")


@message
class ObjectionGiven:
    """Why a reporter says that it is not fixed, for routing alone, which opens the case again."""

    concern_id: str = wire(text(), "the concern")
    resolution: int = wire(count(1), "sequence of the event that told of the resolution")
    reason: str = wire(text(OBJECTION_LIMIT), "the reporter's words")
    given_at: datetime = wire(instant(), "when it was said", "UTC")


@message
class ConcernWithdrawn:
    """The reporter has taken the concern back."""

    concern_id: str = wire(text(), "the concern")
    category: str = wire(text(), "category code of the city")
    area: str | None = wire(text(optional=True), "area the place lies in, if known")
    team: str | None = wire(text(optional=True), "code of the team that has it, if known")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")
    withdrawn_at: datetime = wire(instant(), "when it was taken back", "UTC")
