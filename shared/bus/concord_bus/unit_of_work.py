"""A transaction from the viewpoint of a handler."""

from datetime import datetime
from typing import Any, Generic, TypeVar

from concord_contracts import Codec, Encoded, Event

S = TypeVar("S", covariant=True)


class OpenWork(Generic[S]):
    """Collects the events that a handler publishes; the caller writes them to the outbox before the commit."""

    def __init__(self, store: S, now: datetime, codec: Codec) -> None:
        self._store = store
        self._now = now
        self._codec = codec
        self.outgoing: list[tuple[Event[Any], Encoded]] = []

    @property
    def store(self) -> S:
        return self._store

    @property
    def now(self) -> datetime:
        return self._now

    def publish(self, *events: Event[Any]) -> None:
        """Put events into the outbox. Raises UnwritableMessage when one breaks its contract."""
        encode = self._codec.encode
        self.outgoing.extend((event, encode(event)) for event in events)
