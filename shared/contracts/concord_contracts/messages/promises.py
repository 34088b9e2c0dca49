"""What routing tells everybody of promises: who said what by when, and whether it was kept."""

from datetime import datetime

from concord_contracts.fields import count, instant, message, one_of, several, text, wire
from concord_contracts.messages.intake import CHANNELS

PROMISES = ("acknowledgement", "response", "agreed")
"""The first human word and the response, by the city's rules, and what an officer promised by hand."""
PROMISERS = ("rules", "officer", "history")
"""`history`: the city's own target, of a concern that was taken in with its past."""
MOST_AT_ONCE = 10


@message
class Promised:
    """One promise of those that were made together."""

    promise_id: str = wire(text(), "the promise")
    promise: str = wire(one_of(*PROMISES), "what is promised")
    due_at: datetime = wire(instant(), "by when it is to be done", "UTC")


@message
class PromiseMade:
    """The team will do this by then; what is promised in one decision is told together."""

    concern_id: str = wire(text(), "the concern")
    case_id: str = wire(text(), "its case")
    category: str = wire(text(), "category code of the city")
    area: str | None = wire(text(optional=True), "area the place lies in, if known")
    team: str = wire(text(), "code of the team that promises")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")
    origin: str = wire(one_of(*PROMISERS), "who promised")
    made_at: datetime = wire(instant(), "when it was promised", "UTC")
    promises: tuple[Promised, ...] = wire(several(Promised, MOST_AT_ONCE), "what is promised, each by its own time")


@message
class PromiseAtRisk:
    """It is due soon, and nothing has been done about it yet."""

    concern_id: str = wire(text(), "the concern")
    case_id: str = wire(text(), "its case")
    promise_id: str = wire(text(), "the promise")
    promise: str = wire(one_of(*PROMISES), "what is promised")
    category: str = wire(text(), "category code of the city")
    area: str | None = wire(text(optional=True), "area the place lies in, if known")
    team: str = wire(text(), "code of the team that has the case now")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")
    at_risk_at: datetime = wire(instant(), "from when on it counts as at risk", "UTC")
    due_at: datetime = wire(instant(), "by when it is to be done", "UTC")


@message
class PromiseKept:
    """It was done in time."""

    concern_id: str = wire(text(), "the concern")
    case_id: str = wire(text(), "its case")
    promise_id: str = wire(text(), "the promise")
    promise: str = wire(one_of(*PROMISES), "what was promised")
    category: str = wire(text(), "category code of the city")
    area: str | None = wire(text(optional=True), "area the place lies in, if known")
    team: str = wire(text(), "code of the team that has the case now")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")
    kept_at: datetime = wire(instant(), "when it was done", "UTC")
    due_at: datetime = wire(instant(), "by when it was to be done", "UTC")


@message
class PromiseMissed:
    """Its time has passed and it was not done; the team's supervisor is told."""

    concern_id: str = wire(text(), "the concern")
    case_id: str = wire(text(), "its case")
    promise_id: str = wire(text(), "the promise")
    promise: str = wire(one_of(*PROMISES), "what was promised")
    category: str = wire(text(), "category code of the city")
    area: str | None = wire(text(optional=True), "area the place lies in, if known")
    team: str = wire(text(), "code of the team that has the case now")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")
    missed_at: datetime = wire(instant(), "when its time had passed", "UTC")
    due_at: datetime = wire(instant(), "by when it was to be done", "UTC")


@message
class PromiseRenegotiated:
    """Before it was due, the team gave another time, with a reason that the resident reads."""

    concern_id: str = wire(text(), "the concern")
    case_id: str = wire(text(), "its case")
    promise_id: str = wire(text(), "the promise")
    promise: str = wire(one_of(*PROMISES), "what is promised")
    category: str = wire(text(), "category code of the city")
    area: str | None = wire(text(optional=True), "area the place lies in, if known")
    team: str = wire(text(), "code of the team that has the case now")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")
    renegotiated_at: datetime = wire(instant(), "when another time was given", "UTC")
    due_before: datetime = wire(instant(), "by when it was to be done before", "UTC")
    due_at: datetime = wire(instant(), "by when it is to be done now", "UTC")


@message
class ConcernFellSilent:
    """The resident has heard nothing for days about an open case."""

    concern_id: str = wire(text(), "the concern")
    case_id: str = wire(text(), "its case")
    category: str = wire(text(), "category code of the city")
    area: str | None = wire(text(optional=True), "area the place lies in, if known")
    team: str | None = wire(text(optional=True), "code of the team that has it, if one has")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")
    last_word_at: datetime = wire(instant(), "the last word to the resident, or when it was taken in", "UTC")
    noticed_at: datetime = wire(instant(), "when the silence was noticed", "UTC")
    days: int = wire(count(1), "after how long a silence is noticed", "days")
