"""A concern as notification stores it: the reporter's contact and the decisions. They arrive in any order."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal[
    "routed",
    "unroutable",
    "acknowledged",
    "update",
    "renegotiated",
    "reassigned",
    "referred",
    "resolved",
    "declined",
    "reopened",
    "closed",
    "missed",
    "at_risk",
    "answered",
    "unanswered",
]


@dataclass(frozen=True, slots=True)
class ContactDetails:
    """The contact as the reporter entered it. It exists in memory only; the database holds its ciphertext."""

    name: str | None
    email: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class Contact:
    """The contact of a concern's reporter. `sealed` is the ciphertext of its ContactDetails."""

    concern_id: str
    event_id: str
    sequence: int
    language: str  # BCP 47, as the reporter chose it
    sealed: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class OfficerMessage:
    """An officer's text for the reporter. It exists in memory only; the database holds its ciphertext."""

    words: str
    where_to_go: str | None = None
    partner: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SealedMessage:
    """The ciphertext of an officer message about the event `cause_id`."""

    cause_id: str
    concern_id: str
    sealed: str


@dataclass(frozen=True, slots=True)
class Decision:
    """One decision of routing about a concern; `kind` names it.

    `sequence` is routing's own count. `past` marks a decision from before the reporter could get a notice. `words` is
    the ciphertext of the officer message, which arrives apart from the event, before or after it. Decisions that
    version 0.9 stored have no case, category and promise id.
    """

    concern_id: str
    event_id: str
    sequence: int
    kind: Kind
    decided_at: datetime
    correlation_id: str
    traceparent: str | None = None
    area: str | None = None
    team: str | None = None
    team_name: str | None = None
    acknowledge_by: datetime | None = None
    respond_by: datetime | None = None
    reason: str | None = None
    promise: str | None = None
    due_at: datetime | None = None
    initiator: str | None = None
    waiting: bool = False
    past: bool = False
    case_id: str | None = None
    category: str | None = None
    promise_id: str | None = None
    asked_at: datetime | None = None
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Concern:
    """All stored data of one concern. The reporter of a withdrawn concern gets no more notices."""

    concern_id: str
    contact: Contact | None = None
    decisions: tuple[Decision, ...] = ()
    withdrawn: bool = False

    def decision(self, event_id: str) -> Decision:
        """Return the decision of this event. Raises KeyError when there is none."""
        for decision in self.decisions:
            if decision.event_id == event_id:
                return decision
        raise KeyError(event_id)


def newer(one: Contact | Decision, other: Contact | Decision | None) -> bool:
    """Return whether `one` is later than `other` by its owner's sequence, in any order of arrival."""
    return other is None or (one.sequence, one.event_id) > (other.sequence, other.event_id)


def in_order(decisions: list[Decision]) -> tuple[Decision, ...]:
    """Return the decisions in routing's order."""
    return tuple(sorted(decisions, key=lambda decision: (decision.sequence, decision.event_id)))
