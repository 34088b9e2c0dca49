"""A resident's own words, place and contact, decrypted for one reader; else routing holds them encrypted only."""

from dataclasses import dataclass, field
from datetime import datetime

from concord_contracts.messages.points import ExactPoint

OBJECTION, ANSWER = "objection", "answer"
REPLY_KINDS = (OBJECTION, ANSWER)


@dataclass(frozen=True, slots=True)
class Submission:
    """The words and the place of a concern. The point is WGS 84 degrees, `language` BCP 47, `occurred_at` UTC."""

    words: str = field(repr=False)
    language: str
    occurred_at: datetime | None
    point: ExactPoint | None = field(repr=False)
    address: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Reply:
    """A later text of the reporter, one of REPLY_KINDS. `words` is None if no key decrypts it any more."""

    at: datetime
    kind: str
    words: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Contact:
    """The reporter's contact, for an officer who asks for it."""

    name: str | None = field(repr=False)
    email: str | None = field(repr=False)
    phone: str | None = field(repr=False)
    language: str
    given_at: datetime


@dataclass(frozen=True, slots=True)
class SealedContact:
    """The encrypted contact of a concern, and the sequence of its message: the highest one counts."""

    concern_id: str
    sequence: int
    sealed: str
