"""The store in SQL, on SQLite and PostgreSQL.

Whoever keeps anything of a concern writes its row first, which locks it: whoever is second sees what the first kept.
Rows are written in the order of their key, which keeps two processes from locking each other out.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    BindParameter,
    Column,
    ColumnElement,
    Table,
    and_,
    bindparam,
    case,
    delete,
    func,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.engine import Connection

from concord_access.audit import SqlAudit
from concord_bus.adapters.sql.bulk_insert import Bulk, OnConflict
from concord_notification.notices.adapters.newest import KeepNewest
from concord_notification.notices.adapters.tables import concerns, decisions, deliveries, metadata, words
from concord_notification.notices.domain.concern import Concern, Contact, Decision, SealedWords, in_order
from concord_notification.notices.domain.delivery import Delivery, Failure, State
from concord_notification.notices.domain.notice_policy import SUPERVISOR
from concord_notification.notices.ports import Ledger
from concord_notification.webhooks.adapters.repository import SqlWebhooks

__all__ = ["SqlStore", "metadata"]

# Columns in the order of the fields of Contact, Decision (but for its words), SealedWords and Delivery.
CONTACT = ("concern_id", "contact_id", "contact_sequence", "language", "sealed", "given_at")
DECISION = tuple(name for name in Decision.__slots__ if name != "words")
WORDS = tuple(SealedWords.__slots__)
DELIVERY = tuple(Delivery.__slots__)

CONTACT_FIELDS = attrgetter(*Contact.__slots__)
DECISION_FIELDS = attrgetter(*DECISION)
WORDS_FIELDS = attrgetter(*WORDS)
DELIVERY_FIELDS = attrgetter(*DELIVERY)

KEEP_CONTACTS = KeepNewest(concerns, CONTACT, "concern_id", ("contact_sequence", "contact_id"))
MARK_DECIDED = Bulk(concerns, ("concern_id", "decided"), ("concern_id",), OnConflict.REPLACE)
MARK_WITHDRAWN = Bulk(concerns, ("concern_id", "withdrawn"), ("concern_id",), OnConflict.REPLACE)
TOUCH = Bulk(concerns, ("concern_id", "events"), ("concern_id",), OnConflict.ADD)
KEEP_DECISIONS = Bulk(decisions, DECISION, ("event_id",), OnConflict.KEEP)
KEEP_WORDS = Bulk(words, WORDS, ("cause_id",), OnConflict.KEEP)
PLAN = Bulk(deliveries, DELIVERY, ("id",), OnConflict.KEEP)
SAVE = Bulk(deliveries, DELIVERY, ("id",), OnConflict.REPLACE)

OPEN = deliveries.c.state.in_(["due", "sending"])
IDS: BindParameter[Any] = bindparam("ids", expanding=True)

CONCERNS = select(*(concerns.c[name] for name in CONTACT), concerns.c.withdrawn).where(concerns.c.concern_id.in_(IDS))
DECISIONS = (
    select(*(decisions.c[name] for name in DECISION), words.c.sealed)
    .outerjoin(words, words.c.cause_id == decisions.c.event_id)
    .where(decisions.c.concern_id.in_(IDS))
)
OVERTAKEN = delete(deliveries).where(
    deliveries.c.concern_id.in_(bindparam("concerns", expanding=True)),
    deliveries.c.state == State.DUE,
    ~deliveries.c.uncertain,
    deliveries.c.id.not_in(IDS),
)
READY = (
    select(*(deliveries.c[name] for name in DELIVERY))
    .where(OPEN, deliveries.c.not_before <= bindparam("now"))
    .order_by(deliveries.c.not_before, deliveries.c.due_at, deliveries.c.id)
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
HELD = (
    select(deliveries.c.id)
    .where(deliveries.c.id.in_(IDS), deliveries.c.claim == bindparam("claim"), deliveries.c.state == State.SENDING)
    .with_for_update()
)
DROP = delete(deliveries).where(deliveries.c.id.in_(IDS))
COUNTED = select(concerns.c.concern_id, concerns.c.events).where(concerns.c.concern_id.in_(IDS))
NEXT = select(deliveries.c.not_before).where(OPEN).order_by(deliveries.c.not_before).limit(1)


class SqlStore:
    """See `ports.Store`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.webhooks = SqlWebhooks(connection)
        self.audit = SqlAudit(connection)

    def keep_contacts(self, contacts: Sequence[Contact]) -> None:
        KEEP_CONTACTS.write(self._connection, sorted(map(CONTACT_FIELDS, contacts)))

    def keep_decisions(self, decisions: Sequence[Decision]) -> None:
        MARK_DECIDED.write(self._connection, [(each, True) for each in _concerns_of(decisions)])
        KEEP_DECISIONS.write(self._connection, [DECISION_FIELDS(each) for each in decisions])

    def keep_words(self, words: Sequence[SealedWords]) -> None:
        TOUCH.write(self._connection, [(each, 0) for each in _concerns_of(words)])
        KEEP_WORDS.write(self._connection, [WORDS_FIELDS(each) for each in words])

    def withdraw(self, concern_ids: Sequence[str]) -> None:
        MARK_WITHDRAWN.write(self._connection, [(each, True) for each in sorted(set(concern_ids))])

    def known(self, concern_ids: Sequence[str]) -> list[Concern]:
        ids = {"ids": list(concern_ids)}
        made: dict[str, list[Decision]] = defaultdict(list)
        for row in self._connection.execute(DECISIONS, ids):
            found = Decision(*row)
            made[found.concern_id].append(found)
        rows = {row.concern_id: tuple(row) for row in self._connection.execute(CONCERNS, ids)}
        return [_concern(each, rows.get(each), made.get(each, [])) for each in concern_ids]

    def plan(self, concern_ids: Sequence[str], planned: Sequence[Delivery]) -> None:
        about = {"concerns": list(concern_ids), "ids": [each.id for each in planned]}
        self._connection.execute(OVERTAKEN, about)
        PLAN.write(self._connection, [DELIVERY_FIELDS(each) for each in planned])

    def ready(self, now: datetime, limit: int) -> list[tuple[Delivery, Concern]]:
        found = [_delivery(tuple(row)) for row in self._connection.execute(READY, {"now": now, "most": limit})]
        about = {each.concern_id: each for each in self.known(list({each.concern_id for each in found}))}
        return [(each, about[each.concern_id]) for each in found]

    def held(self, claim: str, ids: Sequence[str]) -> set[str]:
        return set(self._connection.execute(HELD, {"ids": ids, "claim": claim}).scalars())

    def save(self, changed: Sequence[Delivery]) -> None:
        SAVE.write(self._connection, [DELIVERY_FIELDS(each) for each in changed])

    def drop(self, ids: Sequence[str]) -> None:
        if ids:
            self._connection.execute(DROP, {"ids": ids})

    def count_events(self, counts: Mapping[str, int]) -> Mapping[str, int]:
        TOUCH.write(self._connection, sorted(counts.items()))
        rows = self._connection.execute(COUNTED, {"ids": list(counts)})
        return {row.concern_id: row.events for row in rows}

    def interrupted(self, now: datetime) -> int:
        """On SQLite nobody else is sending. On PostgreSQL another process may be: its claims end by themselves."""
        if self._connection.dialect.name != "sqlite":
            return 0
        claimed = and_(deliveries.c.state == State.SENDING, deliveries.c.not_before > now)
        return self._connection.execute(update(deliveries).where(claimed).values(not_before=now)).rowcount

    def next_attempt(self) -> datetime | None:
        return self._connection.execute(NEXT).scalar_one_or_none()

    def ledger(self) -> Ledger:
        ours = deliveries.c.contact_id != SUPERVISOR
        states = select(deliveries.c.state, ours, func.count()).group_by(deliveries.c.state, ours)
        counted = {(state, bool(reporter)): count for state, reporter, count in self._connection.execute(states)}
        unanswered = func.sum(case((concerns.c.decided, 0), else_=1))
        known = select(func.count(), unanswered).where(concerns.c.contact_id.is_not(None))
        contacts, waiting = self._connection.execute(known).one()
        uncertain = select(func.count()).select_from(deliveries).where(deliveries.c.uncertain)
        return Ledger(
            contacts=contacts,
            unanswered=waiting or 0,
            uncertain=self._connection.execute(uncertain).scalar_one(),
            supervisors_due=counted.get((State.DUE, False), 0) + counted.get((State.SENDING, False), 0),
            supervisors_told=counted.get((State.DELIVERED, False), 0),
            **{state.value: counted.get((state, True), 0) for state in State},
        )

    def deliveries(self, state: State, limit: int, before: tuple[datetime, str] | None = None) -> list[Delivery]:
        found = select(*(deliveries.c[name] for name in DELIVERY)).where(deliveries.c.state == state)
        if before is not None:
            found = found.where(tuple_(deliveries.c.due_at, deliveries.c.id) < before)
        latest = found.order_by(deliveries.c.due_at.desc(), deliveries.c.id.desc()).limit(limit)
        return [_delivery(tuple(row)) for row in self._connection.execute(latest)]

    def sealed(self, after: str, limit: int) -> list[tuple[str, str]]:
        return self._sealed(concerns.c.concern_id, concerns.c.sealed, concerns.c.contact_id.is_not(None), after, limit)

    def reseal(self, changes: Sequence[tuple[str, str, str]]) -> None:
        self._reseal(concerns, concerns.c.concern_id, changes)

    def sealed_words(self, after: str, limit: int) -> list[tuple[str, str]]:
        return self._sealed(words.c.cause_id, words.c.sealed, true(), after, limit)

    def reseal_words(self, changes: Sequence[tuple[str, str, str]]) -> None:
        self._reseal(words, words.c.cause_id, changes)

    def _sealed(
        self, key: Column[str], sealed: Column[str], there: ColumnElement[bool], after: str, limit: int
    ) -> list[tuple[str, str]]:
        found = select(key, sealed).where(there, key > after).order_by(key).limit(limit)
        return [(row[0], row[1]) for row in self._connection.execute(found)]

    def _reseal(self, table: Table, key: Column[str], changes: Sequence[tuple[str, str, str]]) -> None:
        if changes:
            unchanged = and_(key == bindparam("which"), table.c.sealed == bindparam("old"))
            statement = update(table).where(unchanged).values(sealed=bindparam("new"))
            rows = [{"which": which, "old": old, "new": new} for which, old, new in changes]
            self._connection.execute(statement, rows)


def _delivery(row: tuple[Any, ...]) -> Delivery:
    values = dict(zip(DELIVERY, row, strict=True))
    values["state"] = State(values["state"])
    values["failure"] = Failure(values["failure"]) if values["failure"] else None
    return Delivery(**values)


def _concerns_of(kept: Sequence[Decision] | Sequence[SealedWords]) -> list[str]:
    """Each once, in the order in which every process locks them."""
    return sorted({each.concern_id for each in kept})


def _concern(concern_id: str, row: tuple[Any, ...] | None, made: list[Decision]) -> Concern:
    if row is None:
        return Concern(concern_id, None, in_order(made))
    *contact, withdrawn = row
    return Concern(concern_id, Contact(*contact) if contact[1] else None, in_order(made), withdrawn)
