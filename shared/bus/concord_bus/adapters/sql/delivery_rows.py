"""Converts a delivery to columns and back."""

import json
from collections.abc import Mapping
from typing import Any

from concord_bus.domain.delivery import Delivery


def to_columns(delivery: Delivery) -> dict[str, Any]:
    """Return the column values of a delivery. Hostile headers become text that both databases store."""
    return {
        "queue": storable(delivery.queue),
        "exchange": storable(delivery.exchange),
        "routing_key": storable(delivery.routing_key),
        "redelivered": delivery.redelivered,
        "headers": _to_json(delivery.headers),
        "properties": _to_json(delivery.properties),
        "body": delivery.body,
    }


def from_row(row: Any) -> Delivery:
    """Return the delivery in a row of `waiting` or `parked`."""
    return Delivery(
        queue=row.queue,
        exchange=row.exchange,
        routing_key=row.routing_key,
        redelivered=row.redelivered,
        headers=json.loads(row.headers),
        properties=json.loads(row.properties),
        body=bytes(row.body),
    )


def storable(text: str) -> str:
    """Return text that PostgreSQL stores: without NUL and without half a surrogate pair."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def _to_json(values: Mapping[str, Any]) -> str:
    return json.dumps(values, default=_foreign, skipkeys=True)


def _foreign(value: Any) -> Any:
    if isinstance(value, bytes | bytearray | memoryview):
        return {"hex": bytes(value).hex()}
    return str(value)
