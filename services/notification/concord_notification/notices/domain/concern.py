"""What notification knows of a concern: whom to tell, and what was done about it. Anything of it may come first."""

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
]


@dataclass(frozen=True, slots=True)
class Details:
    """The contact as the reporter gave it. Lives in memory only; the database holds it sealed."""

    name: str | None
    email: str | None
    phone: str | None


@dataclass(frozen=True, slots=True)
class Contact:
    """How to reach the reporter of a concern: `sealed` is the vault's ciphertext of the details."""

    concern_id: str
    event_id: str
    sequence: int
    language: str  # BCP 47, as wished
    sealed: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class Words:
    """What an officer wrote to the reporter. Lives in memory only; the database holds it sealed."""

    words: str
    where_to_go: str | None = None
    partner: str | None = None
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SealedWords:
    """An officer's words about the event `cause_id`, as the vault's ciphertext."""

    cause_id: str
    concern_id: str
    sealed: str


@dataclass(frozen=True, slots=True)
class Decision:
    """One thing that was decided or done about a concern, as routing told it: `kind` says what.

    `sequence` is routing's own count. `past` marks a fact of the past, from before anybody could be told.
    `words` are the officer's, sealed, once they are known; they travel apart from the event, in either order.
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
    words: str | None = None


@dataclass(frozen=True, slots=True)
class Concern:
    """All that is known of one concern. A concern that was withdrawn is told of no more."""

    concern_id: str
    contact: Contact | None = None
    decisions: tuple[Decision, ...] = ()
    withdrawn: bool = False

    def decision(self, event_id: str) -> Decision:
        """The one that this event told of. Raises KeyError when there is none."""
        for each in self.decisions:
            if each.event_id == event_id:
                return each
        raise KeyError(event_id)


def newer(one: Contact | Decision, other: Contact | Decision | None) -> bool:
    """Whether `one` is later than `other` by its owner's sequence, whatever the order of arrival."""
    return other is None or (one.sequence, one.event_id) > (other.sequence, other.event_id)


def in_order(decisions: list[Decision]) -> tuple[Decision, ...]:
    """As routing made them."""
    return tuple(sorted(decisions, key=lambda each: (each.sequence, each.event_id)))
