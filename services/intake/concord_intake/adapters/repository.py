"""Intake's store on SQLite and PostgreSQL."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from datetime import datetime
from functools import cache
from itertools import groupby
from operator import attrgetter, itemgetter
from typing import Any

from sqlalchemy import Row, Select, bindparam, case, func, select, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from concord_access.audit import SqlAudit
from concord_bus.adapters.sql.bulk_insert import Bulk, OnConflict
from concord_bus.adapters.sql.dialect import insert_into
from concord_bus.adapters.sql.idempotency_keys import claim_key, delete_expired_keys
from concord_intake.adapters import tables as t
from concord_intake.domain.concern import Concern
from concord_intake.domain.import_source import ImportedLine, Line
from concord_intake.domain.reporter import Looks, ReporterAction
from concord_intake.domain.timeline import OfficerMessage, Step
from concord_intake.ports import Counts, KeyClaim, ReceiptIndex, ReceiptTaken, StoredFeedback

_CONCERN = tuple(field.name for field in fields(Concern))
_in_order = attrgetter("concern_id", "sequence")
_line = itemgetter(0, 1)
_add = Bulk(t.concerns, _CONCERN)
_add_steps = Bulk(t.steps, t.steps.c.keys(), key=("concern_id", "sequence"))
_add_messages = Bulk(t.words, t.words.c.keys(), key=("concern_id", "sequence"))
_withdraw = Bulk(t.withdrawals, ("concern_id", "at"), key=("concern_id",))
_add_answer = Bulk(t.answers, t.answers.c.keys(), key=("concern_id", "resolution"))
_add_action = Bulk(t.reporter_actions, t.reporter_actions.c.keys(), key=("concern_id", "key"))
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
_BY_RECEIPT = select(*(t.concerns.c[name] for name in _CONCERN)).where(
    t.concerns.c.receipt_index.in_(bindparam("indexes", expanding=True))
)
_RECEIPT = select(t.concerns.c.id, t.concerns.c.receipt_hash, t.concerns.c.receipt_index)
_WITHOUT_INDEX = (
    _RECEIPT.where(t.concerns.c.receipt_index.is_(None), t.concerns.c.id > bindparam("after"))
    .order_by(t.concerns.c.id)
    .limit(bindparam("limit"))
)
_INDEXED_BETWEEN = (
    _RECEIPT.where(t.concerns.c.receipt_index.between(bindparam("least"), bindparam("greatest")))
    .order_by(t.concerns.c.receipt_index)
    .limit(bindparam("limit"))
)
_TAKEN_INDEXES = select(t.concerns.c.receipt_index).where(
    t.concerns.c.receipt_index.in_(bindparam("indexes", expanding=True))
)
_SET_INDEX = (
    update(t.concerns).where(t.concerns.c.id == bindparam("concern_id")).values(receipt_index=bindparam("index"))
)
_STEPS = select(t.steps).where(t.steps.c.concern_id == bindparam("concern_id"))
_MESSAGES = select(t.words).where(t.words.c.concern_id == bindparam("concern_id"))
_WITHDRAWN = select(t.withdrawals.c.at).where(t.withdrawals.c.concern_id == bindparam("concern_id"))
_ACTIONS = (
    select(t.reporter_actions)
    .where(t.reporter_actions.c.concern_id == bindparam("concern_id"))
    .order_by(t.reporter_actions.c.at, t.reporter_actions.c.key)
)
_LOOKS = select(t.looks).where(t.looks.c.concern_id == bindparam("concern_id"))
_SET_CONTACT = update(t.concerns).where(t.concerns.c.id == bindparam("concern")).values(contact_given=True)
_ANSWER = select(t.answers).where(
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
        try:
            _add.write_records(self._connection, concerns)
        except IntegrityError as error:
            if t.concerns.c.receipt_index.name in str(error.orig):
                raise ReceiptTaken from None
            raise

    def concerns(self, ids: Iterable[str]) -> Mapping[str, Concern]:
        valid_ids = [concern_id for concern_id in ids if "\0" not in concern_id]
        if not valid_ids:
            return {}
        rows = self._connection.execute(_CONCERNS, {"ids": valid_ids})
        return {row.id: _concern(row) for row in rows}

    def concern_of_receipt(self, indexes: Sequence[bytes]) -> Concern | None:
        row = self._connection.execute(_BY_RECEIPT, {"indexes": list(indexes)}).first()
        return _concern(row) if row else None

    def receipts_without_index(self, after: str, limit: int) -> Sequence[ReceiptIndex]:
        return _receipts(self._connection.execute(_WITHOUT_INDEX, {"after": after, "limit": limit}))

    def receipts_indexed_between(self, least: bytes, greatest: bytes, limit: int) -> Sequence[ReceiptIndex]:
        parameters = {"least": least, "greatest": greatest, "limit": limit}
        return _receipts(self._connection.execute(_INDEXED_BETWEEN, parameters))

    def set_receipt_indexes(self, indexes: Mapping[str, bytes]) -> None:
        if not indexes:
            return
        rows = self._connection.execute(_TAKEN_INDEXES, {"indexes": list(indexes.values())})
        taken = {bytes(row.receipt_index) for row in rows}
        free = {index: concern_id for concern_id, index in indexes.items() if index not in taken}
        if free:
            parameters = [{"concern_id": concern_id, "index": index} for index, concern_id in free.items()]
            self._connection.execute(_SET_INDEX, parameters)

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

    def add_answer(self, answer: StoredFeedback) -> bool:
        return _add_answer.write_records(self._connection, [answer]) == 1

    def answer(self, concern_id: str, resolution: int) -> StoredFeedback | None:
        row = self._connection.execute(_ANSWER, {"concern_id": concern_id, "resolution": resolution}).first()
        return StoredFeedback(**row._asdict() | {"fingerprint": _bytes(row.fingerprint)}) if row else None

    def add_action(self, action: ReporterAction) -> bool:
        return _add_action.write_records(self._connection, [action]) == 1

    def actions(self, concern_id: str) -> Sequence[ReporterAction]:
        rows = self._about(concern_id, _ACTIONS)
        return [ReporterAction(row.concern_id, row.key, row.action, bytes(row.fingerprint), row.at) for row in rows]

    def set_contact_given(self, concern_id: str) -> None:
        self._connection.execute(_SET_CONTACT, {"concern": concern_id})

    def count_looks(self, looks: Sequence[Looks]) -> None:
        if looks:
            ordered = sorted(looks, key=attrgetter("concern_id", "part"))
            self._connection.execute(_count_looks(self._connection.dialect.name), list(map(asdict, ordered)))

    def looks(self, concern_id: str) -> Sequence[Looks]:
        return [Looks(*row) for row in self._about(concern_id, _LOOKS)]

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


def _concern(row: Row[Any]) -> Concern:
    return Concern(
        **row._asdict() | {"receipt_hash": bytes(row.receipt_hash), "receipt_index": _bytes(row.receipt_index)}
    )


def _bytes(value: bytes | memoryview | None) -> bytes | None:
    """PostgreSQL's driver gives memoryviews."""
    return None if value is None else bytes(value)


@cache
def _count_looks(dialect: str) -> Any:
    statement = insert_into(t.looks, dialect).values({column.name: bindparam(column.name) for column in t.looks.c})
    new = statement.excluded
    return statement.on_conflict_do_update(
        index_elements=["concern_id", "part"],
        set_={
            "times": t.looks.c.times + new.times,
            "last_at": case((new.last_at > t.looks.c.last_at, new.last_at), else_=t.looks.c.last_at),
        },
    )


def _receipts(rows: Iterable[Row[Any]]) -> list[ReceiptIndex]:
    return [ReceiptIndex(row.id, bytes(row.receipt_hash), _bytes(row.receipt_index)) for row in rows]
