"""The mapping between rows and the endpoints and deliveries of webhooks."""

import json
from collections.abc import Sequence
from dataclasses import fields
from operator import attrgetter
from typing import Any

from sqlalchemy import RowMapping

from concord_notification.webhooks.domain.delivery import Delivery
from concord_notification.webhooks.domain.endpoint import Endpoint, Grant

DELIVERY = tuple(field.name for field in fields(Delivery))
DELIVERY_FIELDS = attrgetter(*DELIVERY)
GRANT = tuple(field.name for field in fields(Grant))
ENDPOINT = tuple(field.name for field in fields(Endpoint) if field.name != "grant")


def endpoint_values(endpoint: Endpoint) -> dict[str, Any]:
    grant = {name: _to_json(getattr(endpoint.grant, name)) for name in GRANT}
    return {name: getattr(endpoint, name) for name in ENDPOINT} | grant


def endpoint_of(row: RowMapping) -> Endpoint:
    values = {name: row[name] for name in ENDPOINT}
    grant = Grant(_from_json(row["types"]) or (), _from_json(row["areas"]), _from_json(row["categories"]))
    return Endpoint(grant=grant, **values)


def _to_json(values: Sequence[str] | None) -> str | None:
    return None if values is None else json.dumps(values)


def _from_json(text: str | None) -> tuple[str, ...] | None:
    return None if text is None else tuple(json.loads(text))
