"""Parked messages and the operators' actions, in one open transaction on SQLite or PostgreSQL."""

import json
from collections.abc import Collection
from dataclasses import asdict, fields
from typing import Any

from sqlalchemy import ColumnElement, Text, and_, cast, delete, exists, func, insert, literal, or_, select, text, update
from sqlalchemy.engine import Connection

from concord_bus.adapters.sql import tables as t
from concord_bus.adapters.sql.delivery_rows import from_row, storable, to_columns
from concord_bus.adapters.sql.dialect import each_of, upsert
from concord_bus.domain.delivery import Delivery
from concord_bus.domain.parked_messages import SETTLED, SUBJECT_PREFIX, OperatorAction, ParkedFilter
from concord_bus.domain.stored_messages import Parked
from concord_bus.ports import Clock
from concord_contracts import Event

ESCAPE = "!"
PARKED = tuple(field.name for field in fields(Parked) if field.name != "delivery")


class SqlParking:
    """See `ports.Parking`."""

    def __init__(self, connection: Connection, clock: Clock) -> None:
        self._connection = connection
        self._clock = clock

    def park(self, delivery: Delivery, reason: str, attempts: int, event: Event[Any] | None) -> None:
        if delivery.redelivered and self.still_parked([delivery.fingerprint]):
            return
        row = to_columns(delivery) | {
            "fingerprint": delivery.fingerprint,
            "parked_at": self._now(),
            "status": "parked",
            "reason": storable(reason),
            "attempts": attempts,
            "event_id": event and event.id,
            "event_type": event and event.type,
            "partition_key": event and event.partitionkey,
        }
        self._connection.execute(insert(t.parked), [row])

    def still_parked(self, fingerprints: Collection[str]) -> set[str]:
        if not fingerprints:
            return set()
        wanted = each_of(self._connection.dialect.name, "ids")
        query = f"SELECT fingerprint FROM parked WHERE fingerprint IN (SELECT each.value FROM {wanted})"
        found = self._connection.execute(
            text(f"{query} AND status = 'parked'"), {"ids": json.dumps(list(fingerprints))}
        )
        return {row.fingerprint for row in found}

    def parked(self, limit: int, after: int = 0) -> list[Parked]:
        query = select(t.parked).where(t.parked.c.id > after, t.parked.c.status == "parked").order_by(t.parked.c.id)
        return [_parked(row) for row in self._connection.execute(query.limit(limit))]

    def find_parked(self, parked_filter: ParkedFilter, limit: int, before: int | None = None) -> list[Parked]:
        query = select(t.parked).where(t.parked.c.status == "parked", *_conditions(parked_filter))
        if before is not None:
            query = query.where(t.parked.c.id < before)
        return [_parked(row) for row in self._connection.execute(query.order_by(t.parked.c.id.desc()).limit(limit))]

    def parked_message(self, parked_id: int) -> Parked | None:
        row = self._connection.execute(select(t.parked).where(t.parked.c.id == parked_id)).first()
        return None if row is None else _parked(row)

    def replay_parked(self, parked_id: int, partition_key: str, at: float) -> bool:
        row = self.parked_message(parked_id)
        if row is None or not self._settle(parked_id, "replayed"):
            return False
        self._keep_waiting(row.delivery, partition_key, 0, at)
        return True

    def drop_parked(self, parked_id: int) -> bool:
        return self._settle(parked_id, "dropped")

    def delete_settled(self, before: float, limit: int = 100) -> int:
        old = select(t.parked.c.id).where(*_settled_before(before)).order_by(t.parked.c.id).limit(limit)
        own = old.with_for_update(skip_locked=True)  # concurrent processes delete different rows
        return self._connection.execute(delete(t.parked).where(t.parked.c.id.in_(own))).rowcount

    def note_action(self, action: OperatorAction) -> None:
        row = asdict(action) | {"actor": storable(action.actor), "note": storable(action.note)}
        self._connection.execute(insert(t.operator_actions), [row])

    def actions_on(self, subject: str) -> list[OperatorAction]:
        c = t.operator_actions.c
        query = select(c.at, c.actor, c.action, c.subject, c.note).where(c.subject == subject).order_by(c.id)
        return [OperatorAction(*row) for row in self._connection.execute(query)]

    def _settle(self, parked_id: int, status: str) -> bool:
        """Change the status once: the second of two operators finds it changed when the first has committed."""
        still = (t.parked.c.id == parked_id, t.parked.c.status == "parked")
        return self._connection.execute(update(t.parked).where(*still).values(status=status)).rowcount == 1

    def _keep_waiting(self, delivery: Delivery, partition_key: str, attempts: int, next_attempt_at: float) -> None:
        row = to_columns(delivery) | {
            "fingerprint": delivery.fingerprint,
            "partition_key": storable(partition_key),
            "attempts": attempts,
            "next_attempt_at": next_attempt_at,
        }
        self._connection.execute(upsert(self._connection, t.waiting, ["fingerprint"]), [row])

    def _now(self) -> float:
        return self._clock().timestamp()


def _conditions(parked_filter: ParkedFilter) -> list[ColumnElement[bool]]:
    c = t.parked.c
    conditions: list[ColumnElement[bool]] = []
    if parked_filter.since is not None:
        conditions.append(c.parked_at >= parked_filter.since)
    if parked_filter.reason is not None:
        conditions.append(func.lower(c.reason).contains(parked_filter.reason.lower(), autoescape=True, escape=ESCAPE))
    if parked_filter.type is not None:
        pattern = _like(parked_filter.type)
        by_key = or_(c.routing_key.like(pattern, escape=ESCAPE), c.routing_key.like(f"{pattern}.%", escape=ESCAPE))
        conditions.append(or_(c.event_type.like(pattern, escape=ESCAPE), and_(c.event_type.is_(None), by_key)))
    return conditions


def _settled_before(before: float) -> list[ColumnElement[bool]]:
    """Return the conditions for an old replay or drop. Its time is in the operator's action, after the parking."""
    parked, action = t.parked.c, t.operator_actions.c
    subject = literal(SUBJECT_PREFIX) + cast(parked.id, Text)
    since = exists().where(action.subject == subject, action.at >= before)
    return [parked.status.in_(SETTLED), parked.parked_at < before, ~since]


def _like(pattern: str) -> str:
    """Translate a pattern with `*` to LIKE."""
    for special in (ESCAPE, "%", "_"):
        pattern = pattern.replace(special, ESCAPE + special)
    return pattern.replace("*", "%")


def _parked(row: Any) -> Parked:
    return Parked(delivery=from_row(row), **{name: getattr(row, name) for name in PARKED})
