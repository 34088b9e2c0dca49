"""Input of deadline checks: due promises, silent and unanswered cases, each with the part of its case for an event."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from concord_routing.domain.promise import promise_id


@dataclass(frozen=True, slots=True)
class SilentCase:
    """The part of a silent case that its event contains.

    `last_word_at` is the time of the last officer message, or of receipt if there is none.
    """

    case_id: str
    concern_id: str
    category: str
    area: str | None
    team: str | None
    channel: str
    sequence: int
    last_word_at: datetime


@dataclass(frozen=True, slots=True)
class UnansweredCase:
    """The part of a case for an event about a question that the resident has not answered since `asked_at`."""

    case_id: str
    concern_id: str
    category: str
    area: str | None
    team: str | None
    channel: str
    sequence: int
    received_at: datetime
    asked_at: datetime


class DuePromise(NamedTuple):
    """A promise whose deadline check is due, with the part of its case that an event contains.

    `promise` is the standing of the case, `place` its number in the order of opening. A tuple, because a hundred
    thousand promises can be due at once.
    """

    place: int
    case_id: str
    concern_id: str
    category: str
    area: str | None
    team: str | None
    channel: str
    sequence: int
    promise: str | None
    number: int
    kind: str
    due_at: datetime
    at_risk_at: datetime

    @property
    def promise_id(self) -> str:
        return promise_id(self.case_id, self.number)
