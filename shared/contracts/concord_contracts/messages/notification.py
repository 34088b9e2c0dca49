"""Public messages from notification about the delivery of notices, without the recipient."""

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
    "at_risk",
    "unanswered",
)
"""`acknowledgement` confirms receipt; `acknowledged` follows an officer's acknowledgement."""
MEDIA = ("email",)
FAILURES = ("refused", "exhausted", "no_address")


@message
class NoticeEvent:
    """Fields of every message about a finished notice."""

    concern_id: str = wire(text(), "the concern")
    notice: str = wire(one_of(*NOTICES), "which notice")
    medium: str = wire(one_of(*MEDIA), "medium of the notice")
    language: str = wire(text(35), "language of the notice, BCP 47")
    cause_id: str = wire(text(), "id of the event that caused the notice")
    due_at: datetime = wire(instant(), "when it became due", "UTC")


@message
class NotificationDelivered(NoticeEvent):
    """The mail server has accepted a notice to the reporter."""

    TYPE = "notification.delivered.v1"

    delivered_at: datetime = wire(instant(), "when the mail server accepted it", "UTC")
    attempts: int = wire(count(1), "number of attempts", "attempts")
    uncertain: bool = wire(flag(), "sent twice, perhaps, because of a crash while sending")


@message
class NotificationFailed(NoticeEvent):
    """Notification has given up on a notice. An operator can retry it."""

    TYPE = "notification.failed.v1"

    failed_at: datetime = wire(instant(), "when notification gave up", "UTC")
    attempts: int = wire(count(), "number of attempts", "attempts")
    reason: str = wire(one_of(*FAILURES), "why notification gave up")
