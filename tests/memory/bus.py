"""The bus in memory, for tests of handlers. The contract tests hold it to the same rules as the SQL adapters."""

import copy
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from tests.memory.parked_messages import MemoryParking, MemoryTables

from concord_bus.domain.delivery import ACCEPTED_TYPE, Delivery
from concord_bus.domain.refusals import Destination
from concord_bus.domain.retry import CLOCK_TOLERANCE
from concord_bus.domain.stored_messages import Claim, Depths, Outgoing, Parked, Waiting
from concord_bus.pipeline.pipeline import Pipeline
from concord_bus.ports import Clock, Handler, utc_now
from concord_contracts import Codec, Encoded, Event, Keyrings
from concord_contracts.catalogue import PRIVATE_EXCHANGE
from concord_contracts.encryption import RECIPIENTS, new_key, variable


class MemoryTransaction(MemoryParking):
    """See `ports.Transaction`."""

    def add_to_inbox(self, event_ids: Sequence[str]) -> set[str]:
        new_ids = {event_id for event_id in event_ids if event_id not in self._tables.inbox}
        self._tables.inbox.update(dict.fromkeys(new_ids, self._now()))
        return new_ids

    def waiting_keys(self, keys: Sequence[str]) -> set[str]:
        return {message.partition_key for message in self._tables.waiting.values()} & set(keys)

    def wait(self, delivery: Delivery, event: Event[Any], attempts: int, next_attempt_at: float) -> None:
        self._keep_waiting(delivery, event.partitionkey, attempts, next_attempt_at)

    def due(self, now: float, limit: int) -> list[Waiting]:
        heads: dict[str, Waiting] = {}
        for message in self._tables.waiting.values():
            heads.setdefault(message.partition_key, message)
        return [message for message in heads.values() if message.next_attempt_at <= now][:limit]

    def claim(self, claim: Claim, now: float) -> bool:
        row = self._tables.waiting.get(claim.seq)
        if row is None or row.next_attempt_at > now or row.attempts != claim.attempts:
            return False
        self._tables.waiting[claim.seq] = replace(row, attempts=claim.attempts + 1, next_attempt_at=claim.until)
        return True

    def release(self, claim: Claim, next_attempt_at: float) -> None:
        row = self._tables.waiting.get(claim.seq)
        if row is not None and (row.attempts, row.next_attempt_at) == (claim.attempts + 1, claim.until):
            self._tables.waiting[claim.seq] = replace(row, attempts=claim.attempts, next_attempt_at=next_attempt_at)

    def end_overlong_waits(self, now: float, longest: Sequence[float]) -> int:
        overlong = [
            row
            for row in self._tables.waiting.values()
            if row.next_attempt_at > now + CLOCK_TOLERANCE + longest[min(row.attempts, len(longest) - 1)]
        ]
        self._tables.waiting.update({row.seq: replace(row, next_attempt_at=now) for row in overlong})
        return len(overlong)

    def remove_waiting(self, seq: int) -> None:
        self._tables.waiting.pop(seq, None)

    def known(self, event_ids: Sequence[str]) -> set[str]:
        return self._tables.inbox.keys() & set(event_ids)

    def suspect_notes(self, fingerprints: Collection[str]) -> dict[str, int]:
        return {key: count for key, count in self._tables.suspects.items() if key in fingerprints}

    def note_suspects(self, notes: Mapping[str, int]) -> None:
        self._tables.suspects.update(notes)

    def clear_suspects(self, fingerprints: Collection[str]) -> None:
        for fingerprint in fingerprints:
            self._tables.suspects.pop(fingerprint, None)

    def enqueue(self, events: Iterable[tuple[Event[Any], Encoded]]) -> None:
        for event, encoded in events:
            seq = self._tables.next()
            private = encoded.exchange == PRIVATE_EXCHANGE
            about = (event.id, event.partitionkey, encoded.exchange, encoded.routing_key, encoded.body)
            self._tables.outbox[seq] = Outgoing(seq, *about, private, self._now())

    def outgoing(self, above: int, limit: int, without: Sequence[Destination] = ()) -> list[Outgoing]:
        rows = [row for seq, row in self._tables.outbox.items() if seq > above]
        return [row for row in rows if not any(which.covers(row) for which in without)][:limit]

    def outgoing_to(self, which: Destination, above: int, limit: int) -> list[Outgoing]:
        return [row for seq, row in self._tables.outbox.items() if seq > above and which.covers(row)][:limit]

    def remove_confirmed(self, seqs: Sequence[int]) -> None:
        for seq in seqs:
            self._tables.outbox.pop(seq, None)

    def depths(self) -> Depths:
        tables = self._tables
        oldest = min((row.created_at for row in tables.outbox.values()), default=None)
        parked = sum(message.status == "parked" for message in tables.parked.values())
        return Depths(len(tables.outbox), oldest, len(tables.waiting), parked, len(tables.inbox))

    def forget(self, before: float, limit: int = 10_000) -> int:
        old = [event_id for event_id, seen in self._tables.inbox.items() if seen < before][:limit]
        for event_id in old:
            del self._tables.inbox[event_id]
        return len(old)


class MemoryDatabase:
    """Transactions in memory: an exception restores the tables and the store.

    The store is a plain object; each transaction begins with a deep copy of its attributes.
    """

    def __init__(self, store: Any = None, clock: Clock = utc_now) -> None:
        self.tables = MemoryTables()
        self.store = store
        self._clock = clock

    @contextmanager
    def begin(self) -> Iterator[tuple[MemoryTransaction, Any]]:
        before = self.tables.copy(), copy.deepcopy(getattr(self.store, "__dict__", {}))
        try:
            yield MemoryTransaction(self.tables, self._clock), self.store
        except BaseException:
            self.tables = before[0]
            if self.store is not None:
                self.store.__dict__.clear()
                self.store.__dict__.update(before[1])
            raise

    read = begin


def memory_codec() -> Codec:
    """Return a codec with new keys for every recipient."""
    return Codec(Keyrings.from_env({variable(recipient): new_key() for recipient in RECIPIENTS}))


class MemoryBus:
    """The handlers of a service with the real pipeline, without broker and database.

    `deliver` takes events as if the broker delivered them; `published` lists the events of the handlers.
    """

    def __init__(
        self,
        store: Any,
        handlers: Mapping[str, Handler],
        now: Clock = utc_now,
        codec: Codec | None = None,
    ) -> None:
        self.codec = codec or memory_codec()
        self.database = MemoryDatabase(store, now)
        self.pipeline = Pipeline(self.database, self.codec, handlers, clock=now, chance=lambda: 0.0)

    def deliver(self, *events: Event[Any], queue: str = "memory", redelivered: bool = False) -> None:
        """Deliver one batch of events."""
        self.pipeline.take([self.delivery(event, queue, redelivered) for event in events])

    def delivery(self, event: Event[Any], queue: str = "memory", redelivered: bool = False) -> Delivery:
        """Return an event as a delivery of the broker."""
        encoded = self.codec.encode(event)
        properties = {"content_type": ACCEPTED_TYPE}
        return Delivery(queue, encoded.exchange, encoded.routing_key, encoded.body, {}, properties, redelivered)

    @property
    def published(self) -> list[Event[Any]]:
        """The events that the handlers have published so far, in order."""
        return [self.codec.decode(row.body) for row in self.database.tables.outbox.values()]

    @property
    def parked(self) -> list[Parked]:
        return list(self.database.tables.parked.values())

    @property
    def waiting(self) -> list[Waiting]:
        return list(self.database.tables.waiting.values())
