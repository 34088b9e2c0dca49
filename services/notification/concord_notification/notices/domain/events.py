"""The public events of finished notices: that one went out or could not, never to whom."""

from dataclasses import replace
from typing import Any

from concord_contracts import Event, new_event
from concord_contracts.messages import NotificationDelivered, NotificationFailed
from concord_notification.notices.domain.concern import Decision
from concord_notification.notices.domain.delivery import MEDIUM, Delivery, State


def announce(delivery: Delivery, decision: Decision, sequence: int) -> Event[Any]:
    """The event of a delivery that is finished, caused by the decision it tells of.

    Raises ValueError when it is not finished.
    """
    data = _delivered(delivery) if delivery.state is State.DELIVERED else _failed(delivery)
    time = data.delivered_at if isinstance(data, NotificationDelivered) else data.failed_at
    event = new_event(data, sequence=sequence, time=time, correlationid=decision.correlation_id)
    return replace(event, causationid=decision.event_id, traceparent=decision.traceparent)


def _delivered(delivery: Delivery) -> NotificationDelivered:
    if delivery.finished_at is None:
        raise ValueError("this notice is still on its way")
    return NotificationDelivered(
        concern_id=delivery.concern_id,
        notice=delivery.notice,
        medium=MEDIUM,
        language=delivery.language,
        cause_id=delivery.cause_id,
        due_at=delivery.due_at,
        delivered_at=delivery.finished_at,
        attempts=delivery.attempts,
        uncertain=delivery.uncertain,
    )


def _failed(delivery: Delivery) -> NotificationFailed:
    if delivery.finished_at is None or delivery.failure is None:
        raise ValueError("this notice is still on its way")
    return NotificationFailed(
        concern_id=delivery.concern_id,
        notice=delivery.notice,
        medium=MEDIUM,
        language=delivery.language,
        cause_id=delivery.cause_id,
        due_at=delivery.due_at,
        failed_at=delivery.finished_at,
        attempts=delivery.attempts,
        reason=delivery.failure.value,
    )
