"""Items from the connection to the subscriber: deliveries, and changes of the connection."""

from collections.abc import Mapping
from typing import Any, NamedTuple

COPIES = "concord.again."
"""Prefix of the exchanges with which city IT sends old events to a queue again."""


class Delivery(NamedTuple):
    """A message with its delivery tag. `generation` counts connections, because a tag is valid on one only.

    `replayed` is true for a message from a stream.
    """

    body: bytes
    routing_key: str
    headers: Mapping[str, Any]
    tag: int
    generation: int
    replayed: bool = False
    exchange: str = ""

    @property
    def past(self) -> bool:
        """True for an old event: from a stream, or from city IT's copies to the queue."""
        return self.replayed or self.exchange.startswith(COPIES)

    @property
    def offset(self) -> int:
        """Offset of the message in its stream."""
        return int(self.headers.get("x-stream-offset", 0))


class Connected(NamedTuple):
    """The connection consumes. `again` marks a reconnect: the broker delivers the unacknowledged messages again."""

    again: bool


class Tail(NamedTuple):
    """The offset of the stream's last message at the start of the replay."""

    offset: int


class Failed(NamedTuple):
    """A permanent error: the connection does not retry."""

    error: Exception


class Stopped(NamedTuple):
    """A request to stop."""


Item = Delivery | Connected | Tail | Failed | Stopped
