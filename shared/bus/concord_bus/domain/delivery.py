"""A message as the broker delivered it, before decoding."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from concord_contracts.envelope import Event

ACCEPTED_TYPE = "application/cloudevents+json"
UNDECODABLE = "undecodable"
"""The property with the raw bytes of properties and headers that cannot be decoded."""
DEAD_SUFFIX = ".dead"
BROKER_HEADERS = frozenset(("x-delivery-count", "x-acquired-count"))
"""Headers that RabbitMQ changes between deliveries of one message."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One delivery: its queue, exchange and routing key, its properties and headers, and its body byte for byte.

    `redelivered` says that the broker delivered it before without receiving an ack.
    """

    queue: str
    exchange: str
    routing_key: str
    body: bytes
    headers: Mapping[str, Any] = field(default_factory=dict)
    properties: Mapping[str, Any] = field(default_factory=dict)
    redelivered: bool = False

    @property
    def fingerprint(self) -> str:
        """A hash that identifies a message, even an unreadable one: equal for each of its deliveries, and for no other
        message.

        Two messages may share a body and differ in their headers. The headers of the broker do not count.
        """
        own = {str(name): value for name, value in self.headers.items() if name not in BROKER_HEADERS}
        about = json.dumps([self.queue, own, dict(self.properties)], default=repr, sort_keys=True, skipkeys=True)
        return hashlib.sha256(about.encode() + b"\0" + self.body).hexdigest()

    @property
    def dead_letter_reason(self) -> str | None:
        """The reason for which the broker dead-lettered it; None outside a dead-letter queue."""
        if not self.queue.endswith(DEAD_SUFFIX):
            return None
        deaths = self.headers.get("x-death")
        last = deaths[0] if isinstance(deaths, list) and deaths else None
        about = last if isinstance(last, Mapping) else {}
        reason, queue = str(about.get("reason", "reason unknown"))[:64], str(about.get("queue", "?"))[:255]
        return f"dead-lettered by the broker: {reason} (queue {queue})"

    def refusal(self, max_bytes: int) -> str | None:
        """Return the reason not to read the body, or None. `max_bytes` is the limit of a body in bytes."""
        if UNDECODABLE in self.properties:
            return "properties or headers cannot be decoded; their bytes are kept"
        if len(self.body) > max_bytes:
            return f"body of {len(self.body)} bytes is over the limit of {max_bytes}"
        content_type = str(self.properties.get("content_type") or "")
        if content_type != ACCEPTED_TYPE and content_type.partition(";")[0].strip().lower() != ACCEPTED_TYPE:
            return f"content type is not {ACCEPTED_TYPE}"
        encoding = self.properties.get("content_encoding")
        if encoding and str(encoding).lower() not in ("utf-8", "utf8", "binary"):
            return "content encoding is not utf-8"
        return None


@dataclass(frozen=True, slots=True)
class DecodedDelivery:
    """A delivery with its decoded event."""

    delivery: Delivery
    event: Event[Any]


R = TypeVar("R", bound=DecodedDelivery)


def rounds(received: Sequence[R]) -> list[list[R]]:
    """Split a batch, in order, so that no round holds two messages of one concern.

    A handler can then read and write in bulk, and the messages of one concern still take effect in order.
    """
    split: list[list[R]] = []
    seen: dict[str, int] = {}
    for message in received:
        turn = seen.get(message.event.partitionkey, 0)
        seen[message.event.partitionkey] = turn + 1
        if turn == len(split):
            split.append([])
        split[turn].append(message)
    return split
