"""What a team did about one concern, from routing's events in any order, late or twice.

Which team has it is in `fact.Outcome`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from concord_contracts import Event
from concord_contracts.messages import (
    ConcernAcknowledged,
    ConcernClosed,
    ConcernDeclined,
    ConcernReferred,
    ConcernReopened,
    ConcernResolved,
    ConcernUpdated,
)
from concord_metrics.domain.merge import earliest, highest

OPEN = "open"


@dataclass(frozen=True, slots=True, order=True)
class Turn:
    """Where a case stands since the event of this sequence: open, referred, resolved, declined or closed."""

    sequence: int
    standing: str


@dataclass(frozen=True, slots=True)
class Work:
    """Times are aware UTC and the first of their kind, as those of people, not of notices.

    `turn` is the one with the highest sequence; None for a case that was open all along.
    `reopenings` are the sequences of the events that opened the case again: a set, since an event may come twice.
    """

    acknowledged_at: datetime | None = None
    updated_at: datetime | None = None
    referred_at: datetime | None = None
    resolved_at: datetime | None = None
    declined_at: datetime | None = None
    closed_at: datetime | None = None
    turn: Turn | None = None
    reopenings: frozenset[int] = frozenset()

    @property
    def first_word_at(self) -> datetime | None:
        """The first thing that a person told the resident, whichever it was."""
        words = (self.acknowledged_at, self.updated_at, self.referred_at, self.resolved_at, self.declined_at)
        return min((each for each in words if each), default=None)


NO_WORK = Work()


def worked(work: Work, event: Event[Any]) -> Work:
    """The work with this event taken in. Raises KeyError for a class of data that tells of none."""
    return joined(work, _TOLD[type(event.data)](event.sequence, event.data))


def joined(work: Work, told: Work) -> Work:
    """Both tellings together."""
    if work is NO_WORK or told is NO_WORK:
        return told if work is NO_WORK else work
    return Work(
        earliest(work.acknowledged_at, told.acknowledged_at),
        earliest(work.updated_at, told.updated_at),
        earliest(work.referred_at, told.referred_at),
        earliest(work.resolved_at, told.resolved_at),
        earliest(work.declined_at, told.declined_at),
        earliest(work.closed_at, told.closed_at),
        highest(work.turn, told.turn),
        work.reopenings | told.reopenings,
    )


def _acknowledged(sequence: int, data: ConcernAcknowledged) -> Work:
    return Work(acknowledged_at=data.acknowledged_at)


def _updated(sequence: int, data: ConcernUpdated) -> Work:
    return Work(updated_at=data.updated_at)


def _referred(sequence: int, data: ConcernReferred) -> Work:
    return Work(referred_at=data.referred_at, turn=Turn(sequence, "referred"))


def _resolved(sequence: int, data: ConcernResolved) -> Work:
    return Work(resolved_at=data.resolved_at, turn=Turn(sequence, "resolved"))


def _declined(sequence: int, data: ConcernDeclined) -> Work:
    return Work(declined_at=data.declined_at, turn=Turn(sequence, "declined"))


def _reopened(sequence: int, data: ConcernReopened) -> Work:
    return Work(turn=Turn(sequence, OPEN), reopenings=frozenset((sequence,)))


def _closed(sequence: int, data: ConcernClosed) -> Work:
    return Work(closed_at=data.closed_at, turn=Turn(sequence, "closed"))


_TOLD: Mapping[type[Any], Callable[[int, Any], Work]] = {
    ConcernAcknowledged: _acknowledged,
    ConcernUpdated: _updated,
    ConcernReferred: _referred,
    ConcernResolved: _resolved,
    ConcernDeclined: _declined,
    ConcernReopened: _reopened,
    ConcernClosed: _closed,
}

WORKED = tuple(_TOLD)
"""The classes of data that `worked` takes in."""
