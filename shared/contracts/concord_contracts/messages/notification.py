"""What notification tells everybody: that a notice went out or could not, never to whom."""

from datetime import datetime

from concord_contracts.fields import count, flag, instant, message, one_of, text, wire

NOTICES = (
    "acknowledgement",
    "acknowledged",
    "update",
    "renegotiated",
    "reassigned",
    "referred",
    "resolved",
    "declined",
    "reopened",
)
"""`acknowledgement` says that we have it, `acknowledged` that a person has seen it; the others tell of later events."""
MEDIA = ("email",)
FAILURES = ("refused", "exhausted", "no_address")


@message
class NotificationDelivered:
    """A notice was handed over to the reporter's mail server."""

    concern_id: str = wire(text(), "the concern")
    notice: str = wire(one_of(*NOTICES), "which notice")
    medium: str = wire(one_of(*MEDIA), "how it was sent")
    language: str = wire(text(35), "language it was written in, BCP 47")
    cause_id: str = wire(text(), "id of the event it tells of")
    due_at: datetime = wire(instant(), "when it became due", "UTC")
    delivered_at: datetime = wire(instant(), "when it was handed over", "UTC")
    attempts: int = wire(count(1), "how many attempts it took", "attempts")
    uncertain: bool = wire(flag(), "sent once more after a crash at the moment of sending")


@message
class NotificationFailed:
    """A notice could not be handed over and is not tried again by itself."""

    concern_id: str = wire(text(), "the concern")
    notice: str = wire(one_of(*NOTICES), "which notice")
    medium: str = wire(one_of(*MEDIA), "how it was tried")
    language: str = wire(text(35), "language it was written in, BCP 47")
    cause_id: str = wire(text(), "id of the event it would have told of")
    due_at: datetime = wire(instant(), "when it became due", "UTC")
    failed_at: datetime = wire(instant(), "when it was given up", "UTC")
    attempts: int = wire(count(), "how many attempts were made", "attempts")
    reason: str = wire(one_of(*FAILURES), "why it was given up")
