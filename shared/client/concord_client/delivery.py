"""What the connection hands to whoever takes events: deliveries, and word of the connection itself."""

from collections.abc import Mapping
from typing import Any, NamedTuple

COPIES = "concord.again."
"""Exchanges through which city IT sends copies of the past begin so."""


class Delivery(NamedTuple):
    """A message and its place: `generation` counts connections, as a tag means nothing on the next one.

    `replayed` says that it was read from a stream.
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
        """Whether it tells the past once more: read from a stream, or copied into the queue by city IT."""
        return self.replayed or self.exchange.startswith(COPIES)

    @property
    def offset(self) -> int:
        """Place in the stream it was replayed from."""
        return int(self.headers.get("x-stream-offset", 0))


class Connected(NamedTuple):
    """Consuming now; `again` after an earlier connection was lost, whose unacknowledged messages come anew."""

    again: bool


class Tail(NamedTuple):
    """The stream reached at least this far when the replay began."""

    offset: int


class Failed(NamedTuple):
    """There is no use in trying further."""

    error: Exception


class Stopped(NamedTuple):
    """Somebody asked to stop."""


Item = Delivery | Connected | Tail | Failed | Stopped
