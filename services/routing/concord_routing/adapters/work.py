"""What a command reads and writes: the case it locks, the entry it makes, the key that makes it once only."""

from dataclasses import fields
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, insert, select, update
from sqlalchemy.engine import Connection

from concord_access.adapters.sql.audit import SqlAudit
from concord_access.adapters.sql.keys import SqlKeys
from concord_bus.adapters.sql.dialect import insert_into
from concord_routing.adapters.case_queries import case_columns
from concord_routing.adapters.promise_status import CASES, keep_standing
from concord_routing.adapters.tables import cases, history, idempotency_keys
from concord_routing.domain.case import Case
from concord_routing.domain.history import Entry
from concord_routing.ports import KeyClaim

CHANGING = (
    "state",
    "team",
    "acknowledge_by",
    "respond_by",
    "sequence",
    "version",
    "last_word_at",
    "silent_at",
)
"""The columns of a case that an order can change."""
_ENTRY = tuple(field.name for field in fields(Entry))
_CLAIM = tuple(field.name for field in fields(KeyClaim))
_of_entry = attrgetter(*_ENTRY)
_of_claim = attrgetter(*_CLAIM)


class SqlWork:
    """See `ports.Store`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.keys = SqlKeys(connection)
        self.audit = SqlAudit(connection)

    def lock(self, case_id: str) -> Case | None:
        """On SQLite the transaction itself is the lock: it is the only one that writes. See `standings`."""
        return self._locked(cases.c.case_id == case_id)

    def lock_concern(self, concern_id: str) -> Case | None:
        return self._locked(cases.c.concern_id == concern_id)

    def _locked(self, condition: ColumnElement[bool]) -> Case | None:
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(select(cases.c.seq).where(condition).with_for_update())
        return self._case(condition)

    def case(self, case_id: str) -> Case | None:
        return self._case(cases.c.case_id == case_id)

    def _case(self, condition: ColumnElement[bool]) -> Case | None:
        row = self._connection.execute(select(*case_columns()).select_from(CASES).where(condition)).first()
        return None if row is None else Case(*row)

    def keep(self, case: Case, entry: Entry) -> bool:
        values = {name: getattr(case, name) for name in CHANGING}
        before = (cases.c.case_id == case.case_id, cases.c.version == case.version - 1)
        seq = self._connection.scalar(update(cases).where(*before).values(values).returning(cases.c.seq))
        if seq is None:
            return False
        keep_standing(self._connection, seq, case)
        self._connection.execute(insert(history).values(dict(zip(_ENTRY, _of_entry(entry), strict=True))))
        return True

    def claim_key(self, claim: KeyClaim, expired: datetime) -> KeyClaim:
        values = dict(zip(_CLAIM, _of_claim(claim), strict=True))
        self._connection.execute(_claim_key(self._connection.dialect.name), {**values, "expired": expired})
        columns = (idempotency_keys.c[name] for name in _CLAIM)
        row = self._connection.execute(select(*columns).where(idempotency_keys.c.key == claim.key)).one()
        return KeyClaim(row.key, bytes(row.fingerprint), row.claimed_at, row.version, row.answer)

    def answer_key(self, claim: KeyClaim) -> None:
        values = {"version": claim.version, "answer": claim.answer}
        self._connection.execute(update(idempotency_keys).where(idempotency_keys.c.key == claim.key).values(values))

    def forget_keys(self, expired: datetime, limit: int) -> int:
        c = idempotency_keys.c
        old = c.claimed_at < expired
        chosen = select(c.key).where(old).limit(limit)
        # Asked again of the row itself: a request may have claimed the key anew since it was chosen.
        return self._connection.execute(delete(idempotency_keys).where(c.key.in_(chosen), old)).rowcount


@cache
def _claim_key(dialect: str) -> Any:
    """Take a key that is free, or whose holder's claim has expired."""
    statement = insert_into(idempotency_keys, dialect).values({name: bindparam(name) for name in _CLAIM})
    claimed_at = idempotency_keys.c.claimed_at
    return statement.on_conflict_do_update(
        index_elements=["key"],
        set_={name: statement.excluded[name] for name in _CLAIM if name != "key"},
        where=claimed_at < bindparam("expired", type_=claimed_at.type),
    )
