"""The public events of finished notices. They name no recipient."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from concord_contracts import Event, new_event
from concord_contracts.messages import NotificationDelivered, NotificationFailed
from concord_notification.notices.domain.concern import Decision
from concord_notification.notices.domain.delivery import MEDIUM, Delivery, State


def finished_event(delivery: Delivery, decision: Decision, sequence: int) -> Event[Any]:
    """Return the event of a finished delivery, with its decision as the cause.

    Raises ValueError when the delivery is not finished.
    """
    if delivery.finished_at is None:
        raise ValueError("the notice is not finished")
    write = _delivered if delivery.state is State.DELIVERED else _failed
    data: Any = write(delivery, delivery.finished_at)
    event = new_event(data, sequence=sequence, time=delivery.finished_at, correlationid=decision.correlation_id)
    return replace(event, causationid=decision.event_id, traceparent=decision.traceparent)


def _common(delivery: Delivery) -> dict[str, Any]:
    names = ("concern_id", "notice", "language", "cause_id", "due_at", "attempts")
    return {"medium": MEDIUM, **{name: getattr(delivery, name) for name in names}}


def _delivered(delivery: Delivery, delivered_at: datetime) -> NotificationDelivered:
    return NotificationDelivered(**_common(delivery), delivered_at=delivered_at, uncertain=delivery.uncertain)


def _failed(delivery: Delivery, failed_at: datetime) -> NotificationFailed:
    if delivery.failure is None:
        raise ValueError("the notice is not finished")
    return NotificationFailed(**_common(delivery), failed_at=failed_at, reason=delivery.failure.value)
