"""Public messages from routing about the choice of a team: by a rule, or by a person."""

from datetime import datetime

from concord_contracts.fields import flag, instant, message, one_of, text, wire
from concord_contracts.messages.intake import CHANNELS

UNROUTABLE_REASONS = ("placeholder", "outside", "no_location", "no_rule", "unknown_category")


@message
class ConcernRouted:
    """Routing has opened a case for the concern and chosen its team, with promised times."""

    TYPE = "concern.routed.v1"

    concern_id: str = wire(text(), "the concern")
    case_id: str = wire(text(), "the case of the concern")
    category: str = wire(text(), "category code of the city")
    area: str = wire(text(), "area of the place")
    team: str = wire(text(), "code of the team that has the case")
    team_name: str = wire(text(200), "the team's name in the city's first language")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")
    border: bool = wire(flag(), "the place lies on or near the area's border")
    received_at: datetime = wire(instant(), "when intake received the concern", "UTC")
    routed_at: datetime = wire(instant(), "when routing chose the team", "UTC")
    acknowledge_by: datetime = wire(instant(), "promised time of the acknowledgement by a person", "UTC")
    respond_by: datetime = wire(instant(), "promised time of the response", "UTC")


@message
class ConcernUnroutable:
    """No rule could choose a team. The case waits in triage for a person."""

    TYPE = "concern.unroutable.v1"

    concern_id: str = wire(text(), "the concern")
    case_id: str = wire(text(), "the case of the concern")
    category: str = wire(text(), "category code of the city")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")
    reason: str = wire(one_of(*UNROUTABLE_REASONS), "why no rule could decide")
    received_at: datetime = wire(instant(), "when intake received the concern", "UTC")
    decided_at: datetime = wire(instant(), "when routing sent the case to triage", "UTC")
