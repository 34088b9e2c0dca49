"""The tables of the bus inside one open transaction, on SQLite or PostgreSQL."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, TextClause, and_, case, delete, not_, select, text, update

from concord_bus.adapters.sql import tables as t
from concord_bus.adapters.sql.bulk_insert import Bulk, OnConflict
from concord_bus.adapters.sql.delivery_rows import from_row
from concord_bus.adapters.sql.dialect import each_of
from concord_bus.adapters.sql.parking import SqlParking
from concord_bus.domain.delivery import Delivery
from concord_bus.domain.refusals import Destination
from concord_bus.domain.retry import CLOCK_TOLERANCE
from concord_bus.domain.stored_messages import Claim, Depths, Outgoing, Waiting
from concord_contracts import Encoded, Event
from concord_contracts.catalogue import PRIVATE_EXCHANGE

_outbox = Bulk(
    t.outbox,
    ["event_id", "partition_key", "exchange", "routing_key", "body", "private", "created_at", "not_before"],
)

_suspects = Bulk(t.suspects, ["fingerprint", "crashes"], ["fingerprint"], OnConflict.REPLACE)

_statements: dict[str, dict[str, TextClause]] = {}


def _statement(dialect: str, name: str) -> TextClause:
    """Return a statement with a list of texts as its parameter, built once for each dialect."""
    if dialect not in _statements:
        each = each_of(dialect, "ids")
        skip_locked = " FOR UPDATE SKIP LOCKED" if dialect == "postgresql" else ""
        _statements[dialect] = {
            "unseen": text(
                f"INSERT INTO inbox (event_id, seen_at) SELECT each.value, :now FROM {each} WHERE true"
                " ON CONFLICT DO NOTHING RETURNING event_id"
            ),
            "known": text(f"SELECT event_id FROM inbox WHERE event_id IN (SELECT each.value FROM {each})"),
            "suspect_notes": text(
                f"SELECT fingerprint, crashes FROM suspects WHERE fingerprint IN (SELECT each.value FROM {each})"
            ),
            "clear_suspects": text(f"DELETE FROM suspects WHERE fingerprint IN (SELECT each.value FROM {each})"),
            "waiting_keys": text(
                f"SELECT DISTINCT partition_key FROM waiting WHERE partition_key IN (SELECT each.value FROM {each})"
            ),
            "due": text(
                "SELECT * FROM waiting AS w WHERE next_attempt_at <= :now AND NOT EXISTS (SELECT 1 FROM waiting AS p"
                " WHERE p.partition_key = w.partition_key AND p.seq < w.seq) ORDER BY seq LIMIT :limit" + skip_locked
            ),
        }
    return _statements[dialect][name]


class SqlTransaction(SqlParking):
    """See `ports.Transaction`."""

    def add_to_inbox(self, event_ids: Sequence[str]) -> set[str]:
        if not event_ids:
            return set()
        ids = sorted(event_ids)  # concurrent processes lock in the same order
        found = self._run("unseen", ids=json.dumps(ids), now=self._now())
        return {row.event_id for row in found}

    def waiting_keys(self, keys: Sequence[str]) -> set[str]:
        if not keys:
            return set()
        return {row.partition_key for row in self._run("waiting_keys", ids=json.dumps(list(keys)))}

    def wait(self, delivery: Delivery, event: Event[Any], attempts: int, next_attempt_at: float) -> None:
        self._keep_waiting(delivery, event.partitionkey, attempts, next_attempt_at)

    def due(self, now: float, limit: int) -> list[Waiting]:
        rows = self._run("due", now=now, limit=limit)
        return [Waiting(r.seq, r.partition_key, from_row(r), r.attempts, r.next_attempt_at) for r in rows]

    def claim(self, claim: Claim, now: float) -> bool:
        statement = (
            update(t.waiting)
            .where(t.waiting.c.seq == claim.seq, t.waiting.c.attempts == claim.attempts)
            .where(t.waiting.c.next_attempt_at <= now)
            .values(attempts=claim.attempts + 1, next_attempt_at=claim.until)
        )
        return self._connection.execute(statement).rowcount == 1

    def release(self, claim: Claim, next_attempt_at: float) -> None:
        c = t.waiting.c
        own = (c.seq == claim.seq, c.attempts == claim.attempts + 1, c.next_attempt_at == claim.until)
        values = {"attempts": claim.attempts, "next_attempt_at": next_attempt_at}
        self._connection.execute(update(t.waiting).where(*own).values(values))

    def end_overlong_waits(self, now: float, longest: Sequence[float]) -> int:
        c = t.waiting.c
        limit = case(dict(enumerate(longest)), value=c.attempts, else_=longest[-1])
        overlong = update(t.waiting).where(c.next_attempt_at > now + CLOCK_TOLERANCE + limit)
        return self._connection.execute(overlong.values(next_attempt_at=now)).rowcount

    def remove_waiting(self, seq: int) -> None:
        self._connection.execute(delete(t.waiting).where(t.waiting.c.seq == seq))

    def known(self, event_ids: Sequence[str]) -> set[str]:
        if not event_ids:
            return set()
        return {row.event_id for row in self._run("known", ids=json.dumps(list(event_ids)))}

    def suspect_notes(self, fingerprints: Collection[str]) -> dict[str, int]:
        found = self._run("suspect_notes", ids=json.dumps(list(fingerprints)))
        return {row.fingerprint: row.crashes for row in found}

    def note_suspects(self, notes: Mapping[str, int]) -> None:
        ordered = sorted(notes.items())  # concurrent processes lock in the same order
        _suspects.write(self._connection, ordered)

    def clear_suspects(self, fingerprints: Collection[str]) -> None:
        if fingerprints:
            self._run("clear_suspects", ids=json.dumps(sorted(fingerprints)))

    def enqueue(self, events: Iterable[tuple[Event[Any], Encoded]]) -> None:
        now = self._now()
        rows = [
            (
                event.id,
                event.partitionkey,
                encoded.exchange,
                encoded.routing_key,
                encoded.body,
                encoded.exchange == PRIVATE_EXCHANGE,
                now,
                0.0,
            )
            for event, encoded in events
        ]
        _outbox.write(self._connection, rows)

    def outgoing(self, above: int, limit: int, without: Sequence[Destination] = ()) -> list[Outgoing]:
        return self._outgoing(above, limit, *(not_(_is_for(which)) for which in without))

    def outgoing_to(self, which: Destination, above: int, limit: int) -> list[Outgoing]:
        return self._outgoing(above, limit, _is_for(which))

    def _outgoing(self, above: int, limit: int, *conditions: ColumnElement[bool]) -> list[Outgoing]:
        c = t.outbox.c
        columns = (c.seq, c.event_id, c.partition_key, c.exchange, c.routing_key, c.body, c.private, c.created_at)
        rows = select(*columns).where(c.seq > above, *conditions).order_by(c.seq).limit(limit)
        return [Outgoing(*row[:5], bytes(row[5]), *row[6:]) for row in self._connection.execute(rows).all()]

    def remove_confirmed(self, seqs: Sequence[int]) -> None:
        if seqs and max(seqs) - min(seqs) == len(set(seqs)) - 1:  # without a gap, the range holds exactly these
            self._connection.execute(delete(t.outbox).where(t.outbox.c.seq.between(min(seqs), max(seqs))))
            return
        for start in range(0, len(seqs), 500):
            some = seqs[start : start + 500]
            self._connection.execute(delete(t.outbox).where(t.outbox.c.seq.in_(some)))

    def depths(self) -> Depths:
        row = self._connection.execute(
            text(
                "SELECT (SELECT count(*) FROM outbox) AS outbox, (SELECT min(created_at) FROM outbox) AS oldest_outbox,"
                " (SELECT count(*) FROM waiting) AS waiting,"
                " (SELECT count(*) FROM parked WHERE status = 'parked') AS parked,"
                " (SELECT count(*) FROM inbox) AS inbox"
            )
        ).one()
        return Depths(row.outbox, row.oldest_outbox, row.waiting, row.parked, row.inbox)

    def forget(self, before: float, limit: int = 10_000) -> int:
        old = select(t.inbox.c.event_id).where(t.inbox.c.seen_at < before).limit(limit)
        return self._connection.execute(delete(t.inbox).where(t.inbox.c.event_id.in_(old))).rowcount

    def _run(self, name: str, **parameters: Any) -> Any:
        return self._connection.execute(_statement(self._connection.dialect.name, name), parameters)


def _is_for(which: Destination) -> ColumnElement[bool]:
    c = t.outbox.c
    return and_(c.exchange == which.exchange, c.routing_key.startswith(which.prefix, autoescape=True))
