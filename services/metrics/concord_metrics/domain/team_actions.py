"""Team actions on one concern, from routing's events in any order, late or repeated.

`concern_facts.Outcome` holds the team itself.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

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


class StatusChange(NamedTuple):
    """Status of a case since the event of this sequence: open, referred, resolved, declined or closed."""

    sequence: int
    status: str


class TeamActions(NamedTuple):
    """Times are aware UTC and the first of their kind. They belong to people's actions, not to notices.

    `status_change` is the one with the highest sequence; None for a case that has always been open.
    `reopenings` holds the sequences of the reopened events: a set, because an event can come twice.
    """

    acknowledged_at: datetime | None = None
    updated_at: datetime | None = None
    referred_at: datetime | None = None
    resolved_at: datetime | None = None
    declined_at: datetime | None = None
    closed_at: datetime | None = None
    status_change: StatusChange | None = None
    reopenings: frozenset[int] = frozenset()

    @property
    def first_word_at(self) -> datetime | None:
        """Time of a person's first message to the resident, of any kind."""
        moments = (self.acknowledged_at, self.updated_at, self.referred_at, self.resolved_at, self.declined_at)
        return min(filter(None, moments), default=None)


NO_ACTIONS = TeamActions()


def from_event(event: Event[Any]) -> TeamActions:
    """The action that an event states. Raises KeyError for a class of data without one."""
    return ACTIONS_OF[type(event.data)](event.sequence, event.data)


def merge(one: TeamActions, other: TeamActions) -> TeamActions:
    """Both together."""
    if one is NO_ACTIONS or other is NO_ACTIONS:
        return other if one is NO_ACTIONS else one
    times = map(earliest, one[:-2], other[:-2])
    change = highest(one.status_change, other.status_change)
    return TeamActions._make((*times, change, one.reopenings | other.reopenings))


def _ended(status: str) -> Callable[[int, Any], TeamActions]:
    """The action of an event that ends the case with this status."""
    field = f"{status}_at"
    return lambda sequence, data: TeamActions(
        status_change=StatusChange(sequence, status), **{field: getattr(data, field)}
    )


def _reopened(sequence: int, data: ConcernReopened) -> TeamActions:
    return TeamActions(status_change=StatusChange(sequence, OPEN), reopenings=frozenset((sequence,)))


ACTIONS_OF: Mapping[type[Any], Callable[[int, Any], TeamActions]] = {
    ConcernAcknowledged: lambda sequence, data: TeamActions(acknowledged_at=data.acknowledged_at),
    ConcernUpdated: lambda sequence, data: TeamActions(updated_at=data.updated_at),
    ConcernReferred: _ended("referred"),
    ConcernResolved: _ended("resolved"),
    ConcernDeclined: _ended("declined"),
    ConcernReopened: _reopened,
    ConcernClosed: _ended("closed"),
}
"""The team action of each class of data."""
