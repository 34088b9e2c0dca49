"""Messages as they travel, good and bad ones."""

import json
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import orjson

from concord_contracts import CONTENT_TYPE, Codec, Event, new_event
from concord_contracts.messages import ConcernReceived, ConcernSubmitted

NOW = datetime(2026, 11, 22, 18, 20, tzinfo=UTC)


@dataclass(frozen=True)
class Message:
    """What a publisher hands to the broker. `raw_properties` replaces the encoded properties byte for byte."""

    body: bytes
    exchange: str = "concord.private"
    routing_key: str | bytes = "concern.submitted.v1._.noise"
    content_type: str | None = CONTENT_TYPE
    headers: dict[str, Any] = field(default_factory=dict)
    raw_properties: bytes | None = None


def submitted(concern: str, *, sequence: int = 1, **order: Any) -> Event[ConcernSubmitted]:
    """A concern whose description orders the probe to do something, such as `do="raise"`."""
    data = ConcernSubmitted(
        concern_id=concern,
        category="noise",
        channel="web",
        description=json.dumps(order) if order else "Loud music",
        language="en",
        received_at=NOW,
        occurred_at=None,
        point=None,
        address=None,
    )
    return new_event(data, sequence=sequence, time=NOW)


def received(concern: str) -> Event[ConcernReceived]:
    data = ConcernReceived(
        concern_id=concern, category="noise", channel="web", received_at=NOW, occurred_at=None, place="none", point=None
    )
    return new_event(data, sequence=1, time=NOW)


def message(codec: Codec, event: Event[Any]) -> Message:
    encoded = codec.encode(event)
    return Message(encoded.body, encoded.exchange, encoded.routing_key)


def changed(good: Message, **keys: Any) -> Message:
    """The message with other values in its envelope; a value of None removes the key."""
    raw = orjson.loads(good.body) | keys
    return replace(good, body=orjson.dumps({key: value for key, value in raw.items() if value is not None}))
