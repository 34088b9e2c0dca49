"""What routing tells everybody: where a concern went, or that a person must decide where it goes."""

from datetime import datetime

from concord_contracts.fields import flag, instant, message, one_of, text, wire
from concord_contracts.messages.intake import CHANNELS

UNROUTABLE_REASONS = ("placeholder", "outside", "no_location", "no_rule", "unknown_category")


@message
class ConcernRouted:
    """A case was opened for the concern and a team answers for it, by promised times."""

    concern_id: str = wire(text(), "the concern")
    case_id: str = wire(text(), "the case opened for it")
    category: str = wire(text(), "category code of the city")
    area: str = wire(text(), "area the place lies in")
    team: str = wire(text(), "code of the team that has it")
    team_name: str = wire(text(200), "the team's name in the city's first language")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")
    border: bool = wire(flag(), "the place lies on or near the area's border")
    received_at: datetime = wire(instant(), "when intake took the concern in", "UTC")
    routed_at: datetime = wire(instant(), "when the team was chosen", "UTC")
    acknowledge_by: datetime = wire(instant(), "promised time of the first human word", "UTC")
    respond_by: datetime = wire(instant(), "promised time of the response", "UTC")


@message
class ConcernUnroutable:
    """No team could be chosen by rule; a person's task was opened to choose one."""

    concern_id: str = wire(text(), "the concern")
    case_id: str = wire(text(), "the case that waits for a person's choice")
    category: str = wire(text(), "category code of the city")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")
    reason: str = wire(one_of(*UNROUTABLE_REASONS), "why no rule could decide")
    received_at: datetime = wire(instant(), "when intake took the concern in", "UTC")
    decided_at: datetime = wire(instant(), "when it was left to a person", "UTC")
