"""The response of GET /v1/deliveries. It holds no name and no address."""

from typing import Any

from marshmallow import Schema, fields

from concord_notification.notices.domain.delivery import MEDIUM, Delivery, State


class DeliveryAnswer(Schema):
    """One notice, without its recipient."""

    id = fields.String()
    concern_id = fields.String(metadata={"description": "empty for the digest of a team"})
    notice = fields.String()
    medium = fields.String()
    language = fields.String()
    state = fields.String()
    reason = fields.String(allow_none=True)
    cause_id = fields.String()
    due_at = fields.AwareDateTime()
    next_attempt_at = fields.AwareDateTime(allow_none=True)
    finished_at = fields.AwareDateTime(allow_none=True)
    attempts = fields.Integer()
    uncertain = fields.Boolean()


class DeliveriesAnswer(Schema):
    """One page; `next` is null on the last."""

    deliveries = fields.List(fields.Nested(DeliveryAnswer))
    next = fields.String(allow_none=True)


FIELDS = tuple(DeliveryAnswer().fields)


def delivery_json(delivery: Delivery) -> dict[str, Any]:
    values = {
        "medium": MEDIUM,
        "reason": delivery.failure,
        "next_attempt_at": delivery.not_before if delivery.state is State.DUE else None,
    }
    return {name: values[name] if name in values else getattr(delivery, name) for name in FIELDS}
