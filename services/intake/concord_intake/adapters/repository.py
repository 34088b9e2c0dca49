"""Intake's store on SQLite and PostgreSQL."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import Select, bindparam, func, select, update
from sqlalchemy.engine import Connection

from concord_access.audit import SqlAudit
from concord_bus.adapters.sql.bulk_insert import Bulk, OnConflict
from concord_bus.adapters.sql.idempotency_keys import claim_key, delete_expired_keys
from concord_intake.adapters import tables as t
from concord_intake.domain.concern import Concern
from concord_intake.domain.import_source import ImportedLine, Line
from concord_intake.domain.timeline import OfficerMessage, Step
from concord_intake.ports import Counts, KeyClaim

_CONCERN = tuple(field.name for field in fields(Concern))
_in_order = attrgetter("concern_id", "sequence")
_line = itemgetter(0, 1)
_add = Bulk(t.concerns, _CONCERN)
_add_steps = Bulk(t.steps, t.steps.c.keys(), key=("concern_id", "sequence"))
_add_messages = Bulk(t.words, t.words.c.keys(), key=("concern_id", "sequence"))
_withdraw = Bulk(t.withdrawals, ("concern_id", "at"), key=("concern_id",))
_add_answer = Bulk(t.answers, ("concern_id", "resolution", "fixed", "at"), key=("concern_id", "resolution"))
_LINE_KEY = ("source", "line_id")
_claim_lines = Bulk(t.imported_lines, ImportedLine._fields, _LINE_KEY)
_save_lines = Bulk(t.imported_lines, ImportedLine._fields, _LINE_KEY, OnConflict.REPLACE)
_KEYS = select(t.idempotency_keys).where(t.idempotency_keys.c.key.in_(bindparam("keys", expanding=True)))
_LINES = (
    select(*(t.imported_lines.c[name] for name in ImportedLine._fields))
    .where(
        t.imported_lines.c.source == bindparam("source"),
        t.imported_lines.c.line_id.in_(bindparam("lines", expanding=True)),
    )
    .order_by(t.imported_lines.c.line_id)
)
_CONCERNS = select(*(t.concerns.c[name] for name in _CONCERN)).where(
    t.concerns.c.id.in_(bindparam("ids", expanding=True))
)
_STEPS = select(t.steps).where(t.steps.c.concern_id == bindparam("concern_id"))
_MESSAGES = select(t.words).where(t.words.c.concern_id == bindparam("concern_id"))
_WITHDRAWN = select(t.withdrawals.c.at).where(t.withdrawals.c.concern_id == bindparam("concern_id"))
_ANSWERED = select(t.answers.c.at).where(
    t.answers.c.concern_id == bindparam("concern_id"), t.answers.c.resolution == bindparam("resolution")
)
_COUNT = (
    update(t.concerns)
    .where(t.concerns.c.id == bindparam("concern_id"))
    .values(events=t.concerns.c.events + bindparam("more"))
    .returning(t.concerns.c.events)
)
_COUNT_EACH = (
    update(t.concerns)
    .where(t.concerns.c.id.in_(bindparam("ids", expanding=True)))
    .values(events=t.concerns.c.events + 1)
    .returning(t.concerns.c.id, t.concerns.c.events)
)


class SqlStore:
    """Implements `ports.Store`. SQLAlchemy compiles each statement once for a database.

    Processes insert claims in the order of their keys, which prevents deadlocks. The second process finds the claim
    of the first.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.audit = SqlAudit(connection)

    def claim_keys(self, claims: Sequence[KeyClaim], expired: datetime) -> Mapping[str, KeyClaim]:
        ordered = sorted(claims, key=attrgetter("key"))
        parameters = [{**asdict(claim), "expired": expired} for claim in ordered]
        self._connection.execute(claim_key(t.idempotency_keys, self._connection.dialect.name), parameters)
        rows = self._connection.execute(_KEYS, {"keys": list({claim.key for claim in claims})})
        return {row.key: KeyClaim(row.key, bytes(row.fingerprint), row.concern_id, row.claimed_at) for row in rows}

    def claim_lines(self, claims: Sequence[ImportedLine]) -> Mapping[Line, ImportedLine]:
        if _claim_lines.write(self._connection, sorted(claims, key=_line)) == len(claims):
            return {claim.line: claim for claim in claims}
        return self.lines(claim.line for claim in claims)

    def lines(self, lines: Iterable[Line], *, lock: bool = False) -> Mapping[Line, ImportedLine]:
        """On SQLite the transaction itself is the lock, because it is the only writer."""
        query = _LINES.with_for_update() if lock else _LINES
        stored: dict[Line, ImportedLine] = {}
        for source, of_source in groupby(sorted(set(lines)), key=itemgetter(0)):
            parameters = {"source": source, "lines": [line_id for _, line_id in of_source]}
            rows = (ImportedLine(*row) for row in self._connection.execute(query, parameters))
            stored.update((row.line, row) for row in rows)
        return stored

    def save_lines(self, lines: Sequence[ImportedLine]) -> None:
        _save_lines.write(self._connection, sorted(lines, key=_line))

    def add(self, concerns: Sequence[Concern]) -> None:
        _add.write_records(self._connection, concerns)

    def concerns(self, ids: Iterable[str]) -> Mapping[str, Concern]:
        valid_ids = [concern_id for concern_id in ids if "\0" not in concern_id]
        if not valid_ids:
            return {}
        rows = self._connection.execute(_CONCERNS, {"ids": valid_ids})
        return {row.id: Concern(row.id, bytes(row.receipt_hash), *row[2:]) for row in rows}

    def add_steps(self, steps: Sequence[Step]) -> None:
        _add_steps.write_records(self._connection, sorted(steps, key=_in_order))

    def steps(self, concern_id: str) -> Sequence[Step]:
        return [Step(*row) for row in self._about(concern_id, _STEPS)]

    def add_officer_messages(self, messages: Sequence[OfficerMessage]) -> None:
        _add_messages.write_records(self._connection, sorted(messages, key=_in_order))

    def officer_messages(self, concern_id: str) -> Sequence[OfficerMessage]:
        return [OfficerMessage(*row) for row in self._about(concern_id, _MESSAGES)]

    def withdraw(self, concern_id: str, at: datetime) -> bool:
        return _withdraw.write(self._connection, [(concern_id, at)]) == 1

    def withdrawn_at(self, concern_id: str) -> datetime | None:
        return next((row.at for row in self._about(concern_id, _WITHDRAWN)), None)

    def _about(self, concern_id: str, query: Select[Any]) -> Iterable[Any]:
        """The rows about a concern. No id has the NUL character, which PostgreSQL refuses."""
        return () if "\0" in concern_id else self._connection.execute(query, {"concern_id": concern_id})

    def add_answer(self, concern_id: str, resolution: int, fixed: bool, at: datetime) -> bool:
        return _add_answer.write(self._connection, [(concern_id, resolution, fixed, at)]) == 1

    def answered(self, concern_id: str, resolution: int) -> bool:
        parameters = {"concern_id": concern_id, "resolution": resolution}
        return self._connection.execute(_ANSWERED, parameters).first() is not None

    def count_events(self, concern_id: str, more: int) -> int:
        parameters = {"concern_id": concern_id, "more": more}
        return int(self._connection.execute(_COUNT, parameters).scalar_one())

    def count_event_of_each(self, concern_ids: Sequence[str]) -> Mapping[str, int]:
        if not concern_ids:
            return {}
        return {row.id: row.events for row in self._connection.execute(_COUNT_EACH, {"ids": concern_ids})}

    def forget_keys(self, expired: datetime, limit: int) -> int:
        return delete_expired_keys(self._connection, t.idempotency_keys, expired, limit)

    def counts(self) -> Counts:
        contacts = select(func.count()).where(t.concerns.c.contact_given).scalar_subquery()
        total = select(func.count()).select_from(t.concerns).scalar_subquery()
        row = self._connection.execute(select(total, contacts)).one()
        return Counts(*row)
