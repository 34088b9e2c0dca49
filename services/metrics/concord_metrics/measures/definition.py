"""What is said of each measure, and the messages they come from."""

from dataclasses import dataclass

RECEIVED = "concern.received.v1"
ROUTED = "concern.routed.v1"
UNROUTABLE = "concern.unroutable.v1"
ACKNOWLEDGED = "concern.acknowledged.v1"
UPDATED = "concern.updated.v1"
REASSIGNED = "concern.reassigned.v1"
REFERRED = "concern.referred.v1"
RESOLVED = "concern.resolved.v1"
DECLINED = "concern.declined.v1"
REOPENED = "concern.reopened.v1"
CLOSED = "concern.closed.v1"
MADE = "promise.made.v1"
AT_RISK = "promise.at_risk.v1"
KEPT = "promise.kept.v1"
MISSED = "promise.missed.v1"
RENEGOTIATED = "promise.renegotiated.v1"
SILENT = "concern.fell_silent.v1"
WITHDRAWN = "concern.withdrawn.v1"
FEEDBACK = "feedback.given.v1"
OBJECTED = "reopen.requested.v1"
DELIVERED = "notification.delivered.v1"
FAILED = "notification.failed.v1"

CENSORED = "; median and p90 are Kaplan-Meier's, with what still waits as censored; null when they are not reached"
SEEN = "; median and p90 are exact, over those to whom it happened"


@dataclass(frozen=True, slots=True)
class Measure:
    """One number. `formula` is in terms of the events' own fields or of other measures."""

    name: str
    meaning: str
    unit: str
    formula: str
    events: tuple[str, ...]
    prometheus: str
