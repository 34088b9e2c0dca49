"""Public messages from routing about promises: who promised what by when, and whether the team kept it."""

from datetime import datetime

from concord_contracts.fields import count, instant, message, one_of, several, text, wire
from concord_contracts.messages.cases import CaseFields
from concord_contracts.messages.intake import CHANNELS

PROMISES = ("acknowledgement", "response", "agreed")
"""The acknowledgement by a person and the response follow from the city's rules; an officer makes an agreed promise."""
PROMISERS = ("rules", "officer", "history")
"""`history` is the city's own target for an imported concern."""
MAX_PROMISES = 10


@message
class Promised:
    """One of the promises that a decision makes together."""

    promise_id: str = wire(text(), "the promise")
    promise: str = wire(one_of(*PROMISES), "kind of promise")
    due_at: datetime = wire(instant(), "when it is due", "UTC")


@message
class PromiseMade(CaseFields):
    """The team has promised something by a due time. One message carries all promises of one decision."""

    TYPE = "promise.made.v1"

    team: str = wire(text(), "code of the team that promises")
    origin: str = wire(one_of(*PROMISERS), "who promised")
    made_at: datetime = wire(instant(), "when it was promised", "UTC")
    promises: tuple[Promised, ...] = wire(several(Promised, MAX_PROMISES), "the promises, each with its due time")


@message
class PromiseEvent:
    """Fields of every message about one promise that already exists."""

    concern_id: str = wire(text(), "the concern")
    case_id: str = wire(text(), "the case of the concern")
    promise_id: str = wire(text(), "the promise")
    promise: str = wire(one_of(*PROMISES), "kind of promise")
    category: str = wire(text(), "category code of the city")
    area: str | None = wire(text(optional=True), "area of the place, if known")
    team: str = wire(text(), "code of the team that has the case now")
    channel: str = wire(one_of(*CHANNELS), "how the concern came in")


@message
class PromiseAtRisk(PromiseEvent):
    """An open promise is due soon."""

    TYPE = "promise.at_risk.v1"

    at_risk_at: datetime = wire(instant(), "from when on the promise counts as at risk", "UTC")
    due_at: datetime = wire(instant(), "when it is due", "UTC")


@message
class PromiseKept(PromiseEvent):
    """The team has kept the promise: it acted in time."""

    TYPE = "promise.kept.v1"

    kept_at: datetime = wire(instant(), "when the team kept it", "UTC")
    due_at: datetime = wire(instant(), "when it was due", "UTC")


@message
class PromiseMissed(PromiseEvent):
    """The due time has passed without the promised action. The team's supervisor gets a mail."""

    TYPE = "promise.missed.v1"

    missed_at: datetime = wire(instant(), "when the promise counted as missed", "UTC")
    due_at: datetime = wire(instant(), "when it was due", "UTC")


@message
class PromiseRenegotiated(PromiseEvent):
    """The team has moved the due time before it passed, with a reason for the resident."""

    TYPE = "promise.renegotiated.v1"

    renegotiated_at: datetime = wire(instant(), "when the team moved the due time", "UTC")
    due_before: datetime = wire(instant(), "the due time before", "UTC")
    due_at: datetime = wire(instant(), "when it is due now", "UTC")


@message
class ConcernFellSilent(CaseFields):
    """The resident of an open case has had no officer message for days."""

    TYPE = "concern.fell_silent.v1"

    last_word_at: datetime = wire(
        instant(), "when the resident got the last officer message, or else when intake received the concern", "UTC"
    )
    noticed_at: datetime = wire(instant(), "when routing noticed the silence", "UTC")
    days: int = wire(count(1), "how long a silence lasts before routing publishes it", "days")
