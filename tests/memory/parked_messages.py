"""The tables of the bus in memory, and the operators' actions on parked messages."""

import copy
from collections.abc import Collection
from dataclasses import dataclass, field, fields, replace
from fnmatch import fnmatchcase
from typing import Any

from concord_bus.domain.delivery import Delivery
from concord_bus.domain.parked_messages import SETTLED, OperatorAction, ParkedFilter, subject_of
from concord_bus.domain.stored_messages import Outgoing, Parked, Waiting
from concord_bus.ports import Clock
from concord_contracts import Event


@dataclass
class MemoryTables:
    """The rows of the tables, by their keys."""

    outbox: dict[int, Outgoing] = field(default_factory=dict)
    inbox: dict[str, float] = field(default_factory=dict)
    waiting: dict[int, Waiting] = field(default_factory=dict)
    suspects: dict[str, int] = field(default_factory=dict)
    parked: dict[int, Parked] = field(default_factory=dict)
    actions: dict[int, OperatorAction] = field(default_factory=dict)
    last: int = 0

    def next(self) -> int:
        self.last += 1
        return self.last

    def copy(self) -> "MemoryTables":
        """Return tables that change independently; the rows are immutable and shared."""
        tables = {table.name: getattr(self, table.name) for table in fields(self)}
        return MemoryTables(**{name: copy.copy(rows) for name, rows in tables.items()})


class MemoryParking:
    """See `ports.Parking`."""

    def __init__(self, tables: MemoryTables, clock: Clock) -> None:
        self._tables = tables
        self._clock = clock

    def park(self, delivery: Delivery, reason: str, attempts: int, event: Event[Any] | None) -> None:
        if delivery.redelivered and self.still_parked([delivery.fingerprint]):
            return
        number = self._tables.next()
        self._tables.parked[number] = Parked(
            id=number,
            parked_at=self._now(),
            reason=reason,
            attempts=attempts,
            delivery=delivery,
            event_id=event.id if event else None,
            event_type=event.type if event else None,
            partition_key=event.partitionkey if event else None,
            status="parked",
        )

    def still_parked(self, fingerprints: Collection[str]) -> set[str]:
        rows = (row for row in self._tables.parked.values() if row.status == "parked")
        return {row.delivery.fingerprint for row in rows} & set(fingerprints)

    def parked(self, limit: int, after: int = 0) -> list[Parked]:
        rows = self._tables.parked.values()
        return [row for row in rows if row.id > after and row.status == "parked"][:limit]

    def find_parked(self, parked_filter: ParkedFilter, limit: int, before: int | None = None) -> list[Parked]:
        rows = [row for row in self._tables.parked.values() if before is None or row.id < before]
        return [row for row in reversed(rows) if row.status == "parked" and _matches(row, parked_filter)][:limit]

    def parked_message(self, parked_id: int) -> Parked | None:
        return self._tables.parked.get(parked_id)

    def replay_parked(self, parked_id: int, partition_key: str, at: float) -> bool:
        row = self._tables.parked.get(parked_id)
        if row is None or not self._settle(parked_id, "replayed"):
            return False
        self._keep_waiting(row.delivery, partition_key, 0, at)
        return True

    def drop_parked(self, parked_id: int) -> bool:
        return self._settle(parked_id, "dropped")

    def delete_settled(self, before: float, limit: int = 100) -> int:
        settled = (row for row in self._tables.parked.values() if row.status in SETTLED and row.parked_at < before)
        old = [row.id for row in settled if not self._acted_since(row.id, before)][:limit]
        for number in old:
            del self._tables.parked[number]
        return len(old)

    def _acted_since(self, parked_id: int, moment: float) -> bool:
        return any(action.at >= moment for action in self.actions_on(subject_of(parked_id)))

    def note_action(self, action: OperatorAction) -> None:
        self._tables.actions[self._tables.next()] = action

    def actions_on(self, subject: str) -> list[OperatorAction]:
        return [action for action in self._tables.actions.values() if action.subject == subject]

    def _settle(self, parked_id: int, status: str) -> bool:
        row = self._tables.parked.get(parked_id)
        if row is None or row.status != "parked":
            return False
        self._tables.parked[parked_id] = replace(row, status=status)
        return True

    def _keep_waiting(self, delivery: Delivery, partition_key: str, attempts: int, next_attempt_at: float) -> None:
        if delivery.fingerprint not in {row.delivery.fingerprint for row in self._tables.waiting.values()}:
            seq = self._tables.next()
            self._tables.waiting[seq] = Waiting(seq, partition_key, delivery, attempts, next_attempt_at)

    def _now(self) -> float:
        return self._clock().timestamp()


def _matches(row: Parked, parked_filter: ParkedFilter) -> bool:
    if parked_filter.since is not None and row.parked_at < parked_filter.since:
        return False
    if parked_filter.reason is not None and parked_filter.reason.lower() not in row.reason.lower():
        return False
    if parked_filter.type is None:
        return True
    pattern = parked_filter.type.replace("[", "[[]").replace("?", "[?]")
    if row.event_type:
        return fnmatchcase(row.event_type, pattern)
    key = row.delivery.routing_key
    return fnmatchcase(key, pattern) or fnmatchcase(key, f"{pattern}.*")
