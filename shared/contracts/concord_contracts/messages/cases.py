"""Public messages from routing about the work on a case: the action and its time, never an officer's text.

Officer messages are for the resident alone and travel encrypted: see `officer_messages`.
"""

from datetime import datetime

from concord_contracts.fields import flag, instant, message, one_of, text, wire
from concord_contracts.messages.intake import CHANNELS

CLOSINGS = ("resolved", "declined", "referred", "withdrawn")
REOPENERS = ("resident", "officer")


@message
class CaseFields:
    """The case of a message. A message that always has a team declares `team` again."""

    concern_id: str = wire(text(), "the concern")
    case_id: str = wire(text(), "the case of the concern")
    category: str = wire(text(), "category code of the city")
    area: str | None = wire(text(optional=True), "area of the place, if known")
    team: str | None = wire(text(optional=True), "code of the team that has the case, if any")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")


@message
class CaseEvent(CaseFields):
    """Fields of every message about the work on a case."""

    received_at: datetime = wire(instant(), "when intake received the concern", "UTC")


@message
class ConcernAcknowledged(CaseEvent):
    """An officer has acknowledged the concern."""

    TYPE = "concern.acknowledged.v1"

    team: str = wire(text(), "code of the team that has the case")
    acknowledged_at: datetime = wire(instant(), "when the officer acknowledged it", "UTC")


@message
class ConcernUpdated(CaseEvent):
    """An officer has sent the resident an update."""

    TYPE = "concern.updated.v1"

    team: str = wire(text(), "code of the team that has the case")
    updated_at: datetime = wire(instant(), "when the officer wrote the update", "UTC")
    waiting: bool = wire(flag(), "the team now waits for the resident's answer")


@message
class ConcernReassigned(CaseEvent):
    """The case has another team: a person or changed rules chose it. For a case in triage it is the first team."""

    TYPE = "concern.reassigned.v1"

    team: str = wire(text(), "code of the team that has the case now")
    team_name: str = wire(text(200), "the team's name in the city's first language")
    from_team: str | None = wire(text(optional=True), "code of the team that had the case before, if any")
    reassigned_at: datetime = wire(instant(), "when the case got the team", "UTC")
    acknowledge_by: datetime | None = wire(
        instant(optional=True), "promised time of the acknowledgement by a person", "UTC"
    )
    respond_by: datetime | None = wire(instant(optional=True), "promised time of the response", "UTC")


@message
class ConcernReferred(CaseEvent):
    """The team has referred the case to a partner outside the city's teams."""

    TYPE = "concern.referred.v1"

    team: str = wire(text(), "code of the team that referred the case")
    referred_at: datetime = wire(instant(), "when the team referred it", "UTC")


@message
class ConcernResolved(CaseEvent):
    """The team has resolved the concern. The resident may object."""

    TYPE = "concern.resolved.v1"

    team: str = wire(text(), "code of the team that resolved the concern")
    resolved_at: datetime = wire(instant(), "when the team resolved it", "UTC")


@message
class ConcernDeclined(CaseEvent):
    """The city will not act on the concern. The resident gets the reason and where to go instead."""

    TYPE = "concern.declined.v1"

    team: str | None = wire(text(optional=True), "code of the team that declined the concern, if any")
    declined_at: datetime = wire(instant(), "when it declined the concern", "UTC")


@message
class ConcernReopened(CaseEvent):
    """A resident or an officer has reopened the case, with new promised times."""

    TYPE = "concern.reopened.v1"

    initiator: str = wire(one_of(*REOPENERS), "who reopened the case")
    reopened_at: datetime = wire(instant(), "when the case was reopened", "UTC")
    acknowledge_by: datetime | None = wire(
        instant(optional=True), "promised time of the acknowledgement by a person", "UTC"
    )
    respond_by: datetime | None = wire(instant(optional=True), "promised time of the response", "UTC")


@message
class ConcernClosed(CaseEvent):
    """The case is closed: nobody works on it any more."""

    TYPE = "concern.closed.v1"

    team: str | None = wire(text(optional=True), "code of the team that had the case, if any")
    closed_at: datetime = wire(instant(), "when the case was closed", "UTC")
    after: str = wire(one_of(*CLOSINGS), "how the case ended")
