"""What operators are told of webhooks."""

from datetime import datetime
from typing import Any

from marshmallow import Schema, fields

from concord_notification.webhooks.domain.delivery import Delivery, DeliveryState
from concord_notification.webhooks.domain.endpoint import Confidence, Endpoint


class EndpointAnswer(Schema):
    """An endpoint. `failing` are the attempts in a row that failed; `secrets` how many sign at present."""

    id = fields.String()
    name = fields.String()
    url = fields.String()
    types = fields.List(fields.String())
    areas = fields.List(fields.String(), allow_none=True)
    categories = fields.List(fields.String(), allow_none=True)
    state = fields.String()
    why = fields.String(allow_none=True)
    created_at = fields.AwareDateTime()
    disabled_at = fields.AwareDateTime(allow_none=True)
    failing = fields.Integer()
    rests_until = fields.AwareDateTime(allow_none=True)


class EndpointWholeAnswer(EndpointAnswer):
    """With what the list leaves out."""

    contact = fields.String(allow_none=True)
    secrets = fields.Integer()


class NewEndpointAnswer(EndpointAnswer):
    """The secret is shown now and never again."""

    secret = fields.String()


class RotationAnswer(NewEndpointAnswer):
    """Until `former_until` what is sent bears a signature under the former secret as well."""

    former_until = fields.AwareDateTime()


class EndpointsAnswer(Schema):
    """All endpoints, by name."""

    endpoints = fields.List(fields.Nested(EndpointAnswer))


class WebhookDeliveryAnswer(Schema):
    """One event on its way to one endpoint; `event_id` is its webhook-id."""

    event_id = fields.String()
    event_type = fields.String()
    state = fields.String()
    reason = fields.String(allow_none=True)
    result = fields.String(allow_none=True)
    attempts = fields.Integer()
    queued_at = fields.AwareDateTime()
    next_attempt_at = fields.AwareDateTime(allow_none=True)
    finished_at = fields.AwareDateTime(allow_none=True)


class WebhookDeliveriesAnswer(Schema):
    """One page, the latest first; `next` is null on the last."""

    deliveries = fields.List(fields.Nested(WebhookDeliveryAnswer))
    next = fields.String(allow_none=True)


class ReplayAnswer(Schema):
    """How many deliveries are due anew."""

    replayed = fields.Integer()


def endpoint_answer(endpoint: Endpoint) -> dict[str, Any]:
    return {
        "id": endpoint.id,
        "name": endpoint.name,
        "url": endpoint.url,
        "types": list(endpoint.grant.types),
        "areas": None if endpoint.grant.areas is None else list(endpoint.grant.areas),
        "categories": None if endpoint.grant.categories is None else list(endpoint.grant.categories),
        "state": endpoint.state.value,
        "why": endpoint.why.value if endpoint.why else None,
        "created_at": endpoint.created_at,
        "disabled_at": endpoint.disabled_at,
        "failing": endpoint.failures,
        "rests_until": endpoint.rest_until,
    }


def whole_answer(endpoint: Endpoint, confidence: Confidence, now: datetime) -> dict[str, Any]:
    return endpoint_answer(endpoint) | {"contact": confidence.contact, "secrets": len(confidence.live(now))}


def delivery_answer(delivery: Delivery) -> dict[str, Any]:
    return {
        "event_id": delivery.event_id,
        "event_type": delivery.event_type,
        "state": delivery.state.value,
        "reason": delivery.failure.value if delivery.failure else None,
        "result": delivery.result,
        "attempts": delivery.attempts,
        "queued_at": delivery.queued_at,
        "next_attempt_at": delivery.not_before if delivery.state is DeliveryState.DUE else None,
        "finished_at": delivery.finished_at,
    }
