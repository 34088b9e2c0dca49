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
from concord_bus.adapters.sql.bulk_insert import Bulk
from concord_bus.adapters.sql.idempotency_keys import claim_key, delete_expired_keys
from concord_intake.adapters import tables as t
from concord_intake.domain.concern import Concern
from concord_intake.domain.timeline import OfficerMessage, Step
from concord_intake.ports import Counts, KeyClaim, Line

_CONCERN = tuple(field.name for field in fields(Concern))
_in_order = attrgetter("concern_id", "sequence")
_add = Bulk(t.concerns, _CONCERN)
_add_steps = Bulk(t.steps, t.steps.c.keys(), key=("concern_id", "sequence"))
_add_messages = Bulk(t.words, t.words.c.keys(), key=("concern_id", "sequence"))
_withdraw = Bulk(t.withdrawals, ("concern_id", "at"), key=("concern_id",))
_add_answer = Bulk(t.answers, ("concern_id", "resolution", "fixed", "at"), key=("concern_id", "resolution"))
_claim_lines = Bulk(t.imported_lines, ("source", "line_id", "concern_id"), key=("source", "line_id"))
_KEYS = select(t.idempotency_keys).where(t.idempotency_keys.c.key.in_(bindparam("keys", expanding=True)))
_LINES = select(t.imported_lines.c.line_id, t.imported_lines.c.concern_id).where(
    t.imported_lines.c.source == bindparam("source"),
    t.imported_lines.c.line_id.in_(bindparam("lines", expanding=True)),
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

    def claim_lines(self, claims: Sequence[tuple[Line, str]]) -> Mapping[Line, str]:
        ordered = sorted(claims, key=itemgetter(0))
        row_count = _claim_lines.write(self._connection, [(*line, concern_id) for line, concern_id in ordered])
        if row_count == len(claims):
            return dict(claims)
        concern_ids: dict[Line, str] = {}
        for source, lines in groupby((line for line, _ in ordered), key=itemgetter(0)):
            parameters = {"source": source, "lines": list({line_id for _, line_id in lines})}
            for line_id, concern_id in self._connection.execute(_LINES, parameters):
                concern_ids[source, line_id] = concern_id
        return concern_ids

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

    def forget_keys(self, expired: datetime, limit: int) -> int:
        return delete_expired_keys(self._connection, t.idempotency_keys, expired, limit)

    def counts(self) -> Counts:
        contacts = select(func.count()).where(t.concerns.c.contact_given).scalar_subquery()
        total = select(func.count()).select_from(t.concerns).scalar_subquery()
        row = self._connection.execute(select(total, contacts)).one()
        return Counts(*row)
