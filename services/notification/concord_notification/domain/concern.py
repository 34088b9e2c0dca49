"""What notification knows of a concern: whom to tell, and what routing decided. Either may come first."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Kind = Literal["routed", "unroutable"]


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
class Decision:
    """What routing decided: a team with its promised times, or that a person must choose (with the reason)."""

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


@dataclass(frozen=True, slots=True)
class Concern:
    """A concern of which both are known."""

    contact: Contact
    decision: Decision


def newer(one: Contact | Decision, other: Contact | Decision | None) -> bool:
    """Whether `one` replaces `other`: the later of its owner's sequence does, whatever the order of arrival."""
    return other is None or (one.sequence, one.event_id) > (other.sequence, other.event_id)
