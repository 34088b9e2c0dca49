"""Endpoints and deliveries as rows, and rows as they are."""

import json
from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

from sqlalchemy import RowMapping

from concord_notification.webhooks.domain.delivery import Delivery, DeliveryState, Failure
from concord_notification.webhooks.domain.endpoint import Endpoint, EndpointState, Grant, Why

DELIVERY = tuple(each.name for each in fields(Delivery))
DELIVERY_FIELDS = attrgetter(*DELIVERY)
PLAIN = (
    "id",
    "name",
    "url",
    "sealed",
    "created_at",
    "state",
    "why",
    "disabled_at",
    "failures",
    "rest_until",
    "told_at",
)


def endpoint_values(endpoint: Endpoint) -> dict[str, Any]:
    values = {name: getattr(endpoint, name) for name in PLAIN}
    grant = endpoint.grant
    return values | {"types": _list(grant.types), "areas": _list(grant.areas), "categories": _list(grant.categories)}


def endpoint_of(row: RowMapping) -> Endpoint:
    values = {name: row[name] for name in PLAIN}
    values["state"] = EndpointState(values["state"])
    values["why"] = Why(values["why"]) if values["why"] else None
    grant = Grant(_read(row["types"]) or (), _read(row["areas"]), _read(row["categories"]))
    return Endpoint(grant=grant, **values)


def delivery_of(row: Sequence[Any]) -> Delivery:
    values = dict(zip(DELIVERY, row, strict=True))
    values["state"] = DeliveryState(values["state"])
    values["failure"] = Failure(values["failure"]) if values["failure"] else None
    return Delivery(**values)


def _list(values: Sequence[str] | None) -> str | None:
    return None if values is None else json.dumps(values)


def _read(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(json.loads(text))
