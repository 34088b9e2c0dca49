"""The request and response bodies of the webhook API."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from marshmallow import Schema, ValidationError, fields, validate, validates_schema

from concord_contracts import CATALOGUE
from concord_contracts.mail_address import BadAddress, public_address
from concord_notification.webhooks.application.manage_endpoints import DEFAULT_OVERLAP, NewEndpoint
from concord_notification.webhooks.domain.delivery import Delivery, DeliveryState
from concord_notification.webhooks.domain.endpoint import NAME, Endpoint, EndpointSecrets, Grant
from concord_notification.webhooks.domain.url_policy import MAX_URL_LENGTH
from concord_web.fields import Flag, Instant, Strict, WholeNumber

PUBLIC_TYPES = sorted(message.name for message in CATALOGUE.values() if message.public)
MAX_OVERLAP_SECONDS = 7 * 24 * 3600
MAX_CODES = 500


def _codes() -> fields.Field[Any]:
    code = fields.String(validate=validate.Length(min=1, max=64))
    return fields.List(code, load_default=None, allow_none=True, validate=validate.Length(min=1, max=MAX_CODES))


def _check_contact(value: str) -> None:
    try:
        public_address(value)
    except BadAddress as error:
        raise ValidationError(str(error)) from None


def _check_printable(value: str) -> None:
    if not value.isprintable():
        raise ValidationError("Must not contain control characters.")


class NewEndpointSchema(Strict):
    """A receiver to add. Leave out areas or categories to grant them all."""

    name = fields.String(
        required=True,
        validate=validate.Regexp(
            f"^{NAME.pattern}$", error="Must have at most 40 characters a-z, 0-9 and -, and begin with a letter."
        ),
    )
    url = fields.String(required=True, validate=validate.Length(min=1, max=MAX_URL_LENGTH))
    types = fields.List(
        fields.String(validate=validate.OneOf(PUBLIC_TYPES)),
        required=True,
        validate=validate.Length(min=1, max=len(PUBLIC_TYPES)),
    )
    areas = _codes()
    categories = _codes()
    contact = fields.String(load_default=None, allow_none=True, validate=_check_contact)


class RotationSchema(Strict):
    """The seconds for which the old secret still signs."""

    overlap_seconds = WholeNumber(
        0,
        MAX_OVERLAP_SECONDS,
        "seconds for which the old secret still signs",
        load_default=int(DEFAULT_OVERLAP.total_seconds()),
    )


class ReplaySchema(Strict):
    """One event, or all that failed since a time; with `delivered_too` also delivered ones."""

    event_id = fields.String(validate=[validate.Length(min=1, max=256), _check_printable])
    since = Instant("start of the period to replay")
    delivered_too = Flag("also replay delivered events", load_default=False)

    @validates_schema
    def check_choice(self, data: dict[str, Any], **_: Any) -> None:
        if ("event_id" in data) == ("since" in data):
            raise ValidationError("Give either event_id or since.", "event_id")


def parse_endpoint(body: Any) -> NewEndpoint:
    """Parse the body of POST /v1/webhooks. Raises marshmallow.ValidationError."""
    values = NewEndpointSchema().load(body)

    def codes(name: str) -> tuple[str, ...] | None:
        return None if values[name] is None else tuple(dict.fromkeys(values[name]))

    grant = Grant(codes("types") or (), codes("areas"), codes("categories"))
    return NewEndpoint(values["name"], values["url"], grant, values["contact"])


def parse_overlap(body: Any) -> timedelta:
    """Parse the body of a rotation. Raises marshmallow.ValidationError."""
    return timedelta(seconds=RotationSchema().load(body)["overlap_seconds"])


def parse_replay(body: Any) -> tuple[str | None, datetime | None, bool]:
    """Return event id, start and `delivered_too`; either id or start is None. Raises marshmallow.ValidationError."""
    values = ReplaySchema().load(body)
    return values.get("event_id"), values.get("since"), values["delivered_too"]


class EndpointAnswer(Schema):
    """An endpoint. `failing` counts the failed attempts in a row; `secrets` counts the live secrets."""

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


class EndpointDetailsAnswer(EndpointAnswer):
    """An endpoint with its contact and the number of its secrets."""

    contact = fields.String(allow_none=True)
    secrets = fields.Integer()


class NewEndpointAnswer(EndpointAnswer):
    """An endpoint with its secret. No later response contains the secret."""

    secret = fields.String()


class RotationAnswer(NewEndpointAnswer):
    """The old secret signs as well until `former_until`."""

    former_until = fields.AwareDateTime()


class EndpointsAnswer(Schema):
    """All endpoints, by name."""

    endpoints = fields.List(fields.Nested(EndpointAnswer))


class WebhookDeliveryAnswer(Schema):
    """One event for one endpoint; `event_id` is its webhook-id."""

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
    """The number of deliveries that are due again."""

    replayed = fields.Integer()


ENDPOINT_FIELDS = tuple(EndpointAnswer().fields)
DELIVERY_FIELDS = tuple(WebhookDeliveryAnswer().fields)


def _json(names: Iterable[str], row: Endpoint | Delivery, values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the fields of a response: from `values`, or else the attribute of the row."""
    return {name: values[name] if name in values else getattr(row, name) for name in names}


def endpoint_json(endpoint: Endpoint) -> dict[str, Any]:
    values = {**asdict(endpoint.grant), "failing": endpoint.failures, "rests_until": endpoint.rest_until}
    return _json(ENDPOINT_FIELDS, endpoint, values)


def endpoint_details_json(endpoint: Endpoint, secrets: EndpointSecrets, now: datetime) -> dict[str, Any]:
    return endpoint_json(endpoint) | {"contact": secrets.contact, "secrets": len(secrets.live(now))}


def delivery_json(delivery: Delivery) -> dict[str, Any]:
    values = {
        "reason": delivery.failure,
        "next_attempt_at": delivery.not_before if delivery.state is DeliveryState.DUE else None,
    }
    return _json(DELIVERY_FIELDS, delivery, values)
