"""Writes the effects of messages: handlers, inbox and outbox in one transaction."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from typing import Any, NamedTuple

from concord_bus.domain.delivery import DecodedDelivery, rounds
from concord_bus.metrics import Instruments
from concord_bus.ports import BusDatabase, Clock, Handler, Transaction
from concord_bus.unit_of_work import OpenWork
from concord_contracts import Codec


class Applied(NamedTuple):
    """The result of one transaction, for the counters after the commit."""

    types: list[str]
    duplicates: int


@dataclass(eq=False)
class Effects:
    """Opens the transactions in which messages take effect, and applies messages inside them."""

    database: BusDatabase
    codec: Codec
    handlers: Mapping[str, Handler]
    clock: Clock
    waits_clock: Clock
    instruments: Instruments
    committed: Callable[[], None]

    @contextmanager
    def transaction(self, size: int) -> Iterator[tuple[Transaction, Any]]:
        """Open a timed transaction for `size` messages, and report its commit to the relay."""
        with self.instruments.handling(size), self.database.begin() as opened:
            yield opened
        self.committed()

    def apply(
        self, tx: Transaction, store: Any, readable: Sequence[DecodedDelivery], *, retried: bool = False
    ) -> Applied:
        """Write the effects, inbox and outbox of readable messages in the open transaction."""
        blocked = set() if retried else tx.waiting_keys([message.event.partitionkey for message in readable])
        due = self.waits_clock().timestamp()
        for message in readable:
            if message.event.partitionkey in blocked:
                tx.wait(message.delivery, message.event, 0, due)
        ready = [message for message in readable if message.event.partitionkey not in blocked]
        unseen = tx.add_to_inbox([message.event.id for message in ready])
        work = OpenWork(store, self.clock(), self.codec)
        self._handle(_first_of_each(ready, unseen), work)
        tx.enqueue(work.outgoing)
        return Applied([message.event.type for message in ready], len(ready) - len(unseen))

    def count(self, applied: Applied) -> None:
        """Count after the commit: a rollback undoes the effects."""
        self.instruments.consumed(applied.types)
        self.instruments.duplicates.inc(applied.duplicates)

    def _handle(self, received: Sequence[DecodedDelivery], work: OpenWork[Any]) -> None:
        for messages in rounds(received):
            ordered = sorted(messages, key=_type)
            for kind, group in groupby(ordered, key=_type):
                self.handlers[kind]([message.event for message in group], work)


def _type(received: DecodedDelivery) -> str:
    return received.event.type


def _first_of_each(received: Sequence[DecodedDelivery], event_ids: set[str]) -> list[DecodedDelivery]:
    """Return the messages with a wanted event id, each event once: a batch may hold a message twice."""
    first = {message.event.id: message for message in reversed(received)}
    return [message for message in received if message.event.id in event_ids and first[message.event.id] is message]
