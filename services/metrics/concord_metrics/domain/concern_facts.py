"""Facts: the state of one concern, merged from events in any order, late or repeated.

Every part of a fact is a join-semilattice: "the earliest", "the highest" or "either". So `merge_facts` is commutative,
associative and idempotent, and the same events give the same fact in every order.
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, NamedTuple

from concord_contracts import Event
from concord_contracts.messages import (
    ConcernAnswered,
    ConcernReassigned,
    ConcernReceived,
    ConcernRouted,
    ConcernUnanswered,
    ConcernUnroutable,
    FeedbackUndecided,
    NotificationDelivered,
    NotificationFailed,
)
from concord_metrics.domain import promises, resident_feedback, team_actions
from concord_metrics.domain.merge import earliest, highest
from concord_metrics.domain.promises import AT_RISK, NO_PROMISES, Promise, Promises
from concord_metrics.domain.resident_feedback import NO_FEEDBACK, ResidentFeedback
from concord_metrics.domain.team_actions import NO_ACTIONS, OPEN, TeamActions

FROM_ROUTING = 1
FROM_INTAKE = 2
FROM_IMPORT = 3
"""Origins from intake too, of a concern that happened before Concord ran."""
ACKNOWLEDGEMENT = "acknowledgement"
"""The notice that confirms receipt. A person's acknowledgement is in `TeamActions`."""


class Origin(NamedTuple):
    """Receipt of the concern. `source` comes first, so intake's own event prevails over routing's copy."""

    source: int
    received_at: datetime
    category: str
    channel: str


class Outcome(NamedTuple):
    """The latest routing decision, from the routed, unroutable or reassigned event with the highest sequence.

    `area` and `team` are empty for a concern in triage; `reason` is empty for one with a team.
    """

    sequence: int
    area: str
    team: str
    reason: str

    @property
    def in_triage(self) -> bool:
        return bool(self.reason)


class Fact(NamedTuple):
    """One concern. Times are aware UTC and the first of their kind.

    `acknowledged_at` and `failed_at` belong to the notice that confirms receipt. `border` is true if any routed event
    had it. A fact without `origin` adds to no measure yet.
    """

    concern_id: str
    origin: Origin | None = None
    occurred_at: datetime | None = None
    outcome: Outcome | None = None
    routed_at: datetime | None = None
    unroutable_at: datetime | None = None
    border: bool = False
    acknowledged_at: datetime | None = None
    failed_at: datetime | None = None
    actions: TeamActions = NO_ACTIONS
    promises: Promises = NO_PROMISES
    feedback: ResidentFeedback = NO_FEEDBACK

    @property
    def received(self) -> bool:
        """True after intake's own event."""
        return self.origin is not None and self.origin.source >= FROM_INTAKE

    @property
    def notified_at(self) -> datetime | None:
        """Delivery of the notice that confirms receipt; None for an imported concern, whose delay means nothing."""
        imported = self.origin is not None and self.origin.source == FROM_IMPORT
        return None if imported else self.acknowledged_at

    @property
    def status(self) -> str | None:
        """open, referred, resolved, declined or closed, by the highest sequence; None before routing."""
        outcome, change = self.outcome, self.actions.status_change
        if change is None or (outcome and outcome.sequence > change.sequence):
            return OPEN if outcome else None
        return change.status

    @property
    def at_risk(self) -> list[Promise]:
        """Promises at risk of an open case, by due time."""
        if not self.promises or self.status not in (OPEN, None):
            return []
        return sorted(
            (promise for promise in self.promises if promise.state == AT_RISK), key=lambda promise: promise.due_at
        )

    @property
    def at_risk_due(self) -> datetime | None:
        """Due time of the first promise at risk."""
        promises = self.at_risk
        return promises[0].due_at if promises else None

    @property
    def routing_only(self) -> bool:
        """True while the concern has no team action, promise or feedback."""
        return self.actions is NO_ACTIONS and self.feedback is NO_FEEDBACK and not self.promises


def merge_event(fact: Fact, event: Event[Any]) -> Fact:
    """The fact with this public event. Raises KeyError for a message class without an entry in `FACT_OF`."""
    return merge_facts(fact, FACT_OF[type(event.data)](event))


def merge_facts(one: Fact, other: Fact) -> Fact:
    """Both facts of one concern together."""
    return Fact(
        one.concern_id,
        highest(one.origin, other.origin),
        earliest(one.occurred_at, other.occurred_at),
        highest(one.outcome, other.outcome),
        earliest(one.routed_at, other.routed_at),
        earliest(one.unroutable_at, other.unroutable_at),
        one.border or other.border,
        earliest(one.acknowledged_at, other.acknowledged_at),
        earliest(one.failed_at, other.failed_at),
        team_actions.merge(one.actions, other.actions),
        promises.merge(one.promises, other.promises),
        resident_feedback.merge(one.feedback, other.feedback),
    )


def _received(event: Event[ConcernReceived]) -> Fact:
    data = event.data
    source = FROM_IMPORT if event.recorded else FROM_INTAKE
    origin = Origin(source, data.received_at, data.category, data.channel)
    return Fact(event.partitionkey, origin, data.occurred_at)


def _routed(event: Event[ConcernRouted]) -> Fact:
    data = event.data
    outcome = Outcome(event.sequence, data.area, data.team, "")
    return Fact(event.partitionkey, _origin(data), None, outcome, data.routed_at, border=data.border)


def _unroutable(event: Event[ConcernUnroutable]) -> Fact:
    data = event.data
    outcome = Outcome(event.sequence, "", "", data.reason)
    return Fact(event.partitionkey, _origin(data), None, outcome, unroutable_at=data.decided_at)


def _reassigned(event: Event[ConcernReassigned]) -> Fact:
    """For a case in triage this is the first choice of a team."""
    data = event.data
    outcome = Outcome(event.sequence, data.area or "", data.team, "")
    return Fact(event.partitionkey, _origin(data), None, outcome, data.reassigned_at)


def _delivered(event: Event[NotificationDelivered]) -> Fact:
    data = event.data
    if data.notice == ACKNOWLEDGEMENT:
        return Fact(event.partitionkey, acknowledged_at=data.delivered_at)
    return Fact(event.partitionkey, feedback=resident_feedback.from_notice(data.notice, data.delivered_at))


def _failed(event: Event[NotificationFailed]) -> Fact:
    data = event.data
    if data.notice == ACKNOWLEDGEMENT:
        return Fact(event.partitionkey, failed_at=data.failed_at)
    return Fact(event.partitionkey, feedback=resident_feedback.from_notice(data.notice, None))


def _team_action(event: Event[Any]) -> Fact:
    return Fact(event.partitionkey, _origin(event.data), actions=team_actions.from_event(event))


def _promise(event: Event[Any]) -> Fact:
    return Fact(event.partitionkey, promises=promises.from_event(event))


def _feedback(event: Event[Any]) -> Fact:
    return Fact(event.partitionkey, feedback=resident_feedback.from_event(event))


def _origin(data: Any) -> Origin:
    """The receipt as routing repeats it."""
    return Origin(FROM_ROUTING, data.received_at, data.category, data.channel)


def _without_effect(event: Event[Any]) -> Fact:
    return Fact(event.partitionkey)


FACT_OF: Mapping[type[Any], Callable[[Event[Any]], Fact]] = {
    ConcernReceived: _received,
    ConcernRouted: _routed,
    ConcernUnroutable: _unroutable,
    ConcernReassigned: _reassigned,
    NotificationDelivered: _delivered,
    NotificationFailed: _failed,
    **dict.fromkeys((ConcernAnswered, ConcernUnanswered, FeedbackUndecided), _without_effect),
    **dict.fromkeys(team_actions.ACTIONS_OF, _team_action),
    **dict.fromkeys(promises.STATE_OF, _promise),
    **dict.fromkeys(resident_feedback.FEEDBACK_OF, _feedback),
}
"""The fact that one event states, by the class of its data. Each public message type needs an entry."""
