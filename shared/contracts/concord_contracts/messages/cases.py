"""What routing tells everybody of the work on a case: what was done and when, never in whose words.

The reasons that officers write are for the resident alone and do not travel here.
"""

from datetime import datetime

from concord_contracts.fields import flag, instant, message, one_of, text, wire
from concord_contracts.messages.intake import CHANNELS

CLOSINGS = ("resolved", "declined", "referred", "withdrawn")
REOPENERS = ("resident", "officer")


@message
class ConcernAcknowledged:
    """A person of the team has seen the concern and said so."""

    concern_id: str = wire(text(), "the concern")
    case_id: str = wire(text(), "its case")
    category: str = wire(text(), "category code of the city")
    area: str | None = wire(text(optional=True), "area the place lies in, if known")
    team: str = wire(text(), "code of the team that has it")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")
    received_at: datetime = wire(instant(), "when intake took the concern in", "UTC")
    acknowledged_at: datetime = wire(instant(), "when it was acknowledged", "UTC")


@message
class ConcernUpdated:
    """The team has sent the resident a word on how it goes."""

    concern_id: str = wire(text(), "the concern")
    case_id: str = wire(text(), "its case")
    category: str = wire(text(), "category code of the city")
    area: str | None = wire(text(optional=True), "area the place lies in, if known")
    team: str = wire(text(), "code of the team that has it")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")
    received_at: datetime = wire(instant(), "when intake took the concern in", "UTC")
    updated_at: datetime = wire(instant(), "when the word was given", "UTC")
    waiting: bool = wire(flag(), "the team now waits for the resident's answer")


@message
class ConcernReassigned:
    """Another team has the case now, chosen by a person; of a case in triage the first one."""

    concern_id: str = wire(text(), "the concern")
    case_id: str = wire(text(), "its case")
    category: str = wire(text(), "category code of the city")
    area: str | None = wire(text(optional=True), "area the place lies in, if known")
    team: str = wire(text(), "code of the team that has it now")
    team_name: str = wire(text(200), "the team's name in the city's first language")
    from_team: str | None = wire(text(optional=True), "code of the team that had it, if any")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")
    received_at: datetime = wire(instant(), "when intake took the concern in", "UTC")
    reassigned_at: datetime = wire(instant(), "when the team was chosen", "UTC")
    acknowledge_by: datetime | None = wire(instant(optional=True), "promised time of the first human word", "UTC")
    respond_by: datetime | None = wire(instant(optional=True), "promised time of the response", "UTC")


@message
class ConcernReferred:
    """A partner outside the city's teams has it now."""

    concern_id: str = wire(text(), "the concern")
    case_id: str = wire(text(), "its case")
    category: str = wire(text(), "category code of the city")
    area: str | None = wire(text(optional=True), "area the place lies in, if known")
    team: str = wire(text(), "code of the team that referred it")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")
    received_at: datetime = wire(instant(), "when intake took the concern in", "UTC")
    referred_at: datetime = wire(instant(), "when it was referred", "UTC")


@message
class ConcernResolved:
    """The team says that what the resident raised has been dealt with. The resident may say that it is not."""

    concern_id: str = wire(text(), "the concern")
    case_id: str = wire(text(), "its case")
    category: str = wire(text(), "category code of the city")
    area: str | None = wire(text(optional=True), "area the place lies in, if known")
    team: str = wire(text(), "code of the team that resolved it")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")
    received_at: datetime = wire(instant(), "when intake took the concern in", "UTC")
    resolved_at: datetime = wire(instant(), "when it was resolved", "UTC")


@message
class ConcernDeclined:
    """The city will not act on it; the resident is told why and where to go instead."""

    concern_id: str = wire(text(), "the concern")
    case_id: str = wire(text(), "its case")
    category: str = wire(text(), "category code of the city")
    area: str | None = wire(text(optional=True), "area the place lies in, if known")
    team: str | None = wire(text(optional=True), "code of the team that declined it, if one had it")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")
    received_at: datetime = wire(instant(), "when intake took the concern in", "UTC")
    declined_at: datetime = wire(instant(), "when it was declined", "UTC")


@message
class ConcernReopened:
    """It is not dealt with after all: the case is open again, with new promised times."""

    concern_id: str = wire(text(), "the concern")
    case_id: str = wire(text(), "its case")
    category: str = wire(text(), "category code of the city")
    area: str | None = wire(text(optional=True), "area the place lies in, if known")
    team: str | None = wire(text(optional=True), "code of the team that has it, if one has")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")
    received_at: datetime = wire(instant(), "when intake took the concern in", "UTC")
    initiator: str = wire(one_of(*REOPENERS), "who asked for it")
    reopened_at: datetime = wire(instant(), "when it was opened again", "UTC")
    acknowledge_by: datetime | None = wire(instant(optional=True), "promised time of the first human word", "UTC")
    respond_by: datetime | None = wire(instant(optional=True), "promised time of the response", "UTC")


@message
class ConcernClosed:
    """Nothing more is done on the case."""

    concern_id: str = wire(text(), "the concern")
    case_id: str = wire(text(), "its case")
    category: str = wire(text(), "category code of the city")
    area: str | None = wire(text(optional=True), "area the place lies in, if known")
    team: str | None = wire(text(optional=True), "code of the team that had it, if one had")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")
    received_at: datetime = wire(instant(), "when intake took the concern in", "UTC")
    closed_at: datetime = wire(instant(), "when it was closed", "UTC")
    after: str = wire(one_of(*CLOSINGS), "how it ended")
