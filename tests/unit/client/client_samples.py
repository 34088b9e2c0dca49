"""Events as they come over the wire."""

import json
from itertools import count
from typing import Any

from concord_client.delivery import Delivery

_numbers = count(1)
KEY = "concern.routed.v1.B2.graffiti"

ROUTED = {
    "category": "graffiti",
    "area": "B2",
    "team": "district-B2",
    "team_name": "District B2",
    "channel": "web",
    "border": False,
    "received_at": "2026-03-02T12:00:00Z",
    "routed_at": "2026-03-02T12:00:04Z",
    "acknowledge_by": "2026-03-02T16:00:00Z",
    "respond_by": "2026-03-04T12:00:00Z",
}


def envelope(event_id: str = "e1", concern: str = "c1", **changes: Any) -> dict[str, Any]:
    """A `concern.routed.v1`; `changes` replace attributes, None removes one."""
    made = {
        "specversion": "1.0",
        "id": event_id,
        "type": "concern.routed.v1",
        "source": "/concord/routing",
        "time": "2026-03-02T12:00:04.250000Z",
        "partitionkey": concern,
        "sequence": "0000000001",
        "correlationid": "k1",
        "datacontenttype": "application/json",
        "data": {"concern_id": concern, "case_id": f"case-{concern}", **ROUTED},
    } | changes
    return {name: value for name, value in made.items() if value is not None}


def body(event_id: str = "e1", concern: str = "c1", **changes: Any) -> bytes:
    return json.dumps(envelope(event_id, concern, **changes)).encode()


def delivery(event_id: str = "e1", concern: str = "c1", *, key: str = KEY, offset: int | None = None) -> Delivery:
    """As the connection hands it over; with an `offset` it is replayed."""
    headers = {} if offset is None else {"x-stream-offset": offset}
    return Delivery(body(event_id, concern), key, headers, next(_numbers), 0, offset is not None)
