"""A transaction from the viewpoint of a handler."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar

from concord_contracts import Codec, Encoded, Event

S = TypeVar("S", covariant=True)


@dataclass(frozen=True, slots=True)
class OpenWork(Generic[S]):
    """Collects the events that a handler publishes; the caller writes them to the outbox before the commit."""

    store: S
    now: datetime
    codec: Codec
    outgoing: list[tuple[Event[Any], Encoded]] = field(default_factory=list, init=False)

    def publish(self, *events: Event[Any]) -> None:
        """Put events into the outbox. Raises UnwritableMessage when one breaks its contract."""
        encode = self.codec.encode
        self.outgoing.extend((event, encode(event)) for event in events)
