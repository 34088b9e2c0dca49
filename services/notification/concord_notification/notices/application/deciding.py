"""From each public event about a concern to the decision that is kept of it."""

from collections.abc import Callable, Mapping
from typing import Any

from concord_contracts import Event
from concord_notification.notices.domain.concern import Decision, Kind
from concord_notification.notices.domain.notice_policy import MISSED

Decide = Callable[[Event[Any]], Decision]

FIELDS = ("area", "team", "team_name", "acknowledge_by", "respond_by", "reason", "promise", "due_at", "initiator")
"""Taken over from an event that has them."""


def _decide(kind: Kind, at: str) -> Decide:
    """`at` names the field that says when it was so.

    That a promise was missed is always noticed a little later: whether it is history is judged by when it was due.
    """

    def decide(event: Event[Any]) -> Decision:
        data = event.data
        return Decision(
            concern_id=event.partitionkey,
            event_id=event.id,
            sequence=event.sequence,
            kind=kind,
            decided_at=getattr(data, at),
            correlation_id=event.correlationid,
            traceparent=event.traceparent,
            **{name: getattr(data, name, None) for name in FIELDS},
            waiting=getattr(data, "waiting", False),
            past=event.recorded is not None and kind != MISSED,
        )

    return decide


DECIDERS: Mapping[str, Decide] = {
    "concern.routed.v1": _decide("routed", "routed_at"),
    "concern.unroutable.v1": _decide("unroutable", "decided_at"),
    "concern.acknowledged.v1": _decide("acknowledged", "acknowledged_at"),
    "concern.updated.v1": _decide("update", "updated_at"),
    "concern.reassigned.v1": _decide("reassigned", "reassigned_at"),
    "concern.referred.v1": _decide("referred", "referred_at"),
    "concern.resolved.v1": _decide("resolved", "resolved_at"),
    "concern.declined.v1": _decide("declined", "declined_at"),
    "concern.reopened.v1": _decide("reopened", "reopened_at"),
    "concern.closed.v1": _decide("closed", "closed_at"),
    "promise.renegotiated.v1": _decide("renegotiated", "renegotiated_at"),
    "promise.missed.v1": _decide("missed", "missed_at"),
}
