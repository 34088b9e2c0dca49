"""The store of notices in SQL, on SQLite and PostgreSQL.

A process that stores data of a concern first writes the concern's row, which locks it. So a second process sees the
data of the first. All processes write rows in the order of their keys, which prevents deadlocks.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    BindParameter,
    Table,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    literal,
    or_,
    select,
    tuple_,
    update,
)
from sqlalchemy.engine import Connection

from concord_access.audit import SqlAudit
from concord_bus.adapters.sql.bulk_insert import Bulk, OnConflict
from concord_bus.adapters.sql.column_sample import both_ends
from concord_notification.notices.adapters.tables import concerns, decisions, deliveries, digest_lines, words
from concord_notification.notices.domain.concern import Concern, Contact, Decision, SealedMessage, in_order
from concord_notification.notices.domain.delivery import DIGEST_WAIT, LONGEST_WAITS, TOLERANCE, Delivery, State
from concord_notification.notices.domain.notice_policy import SUPERVISOR
from concord_notification.notices.domain.team_policy import DIGEST, TEAM, DigestLine
from concord_notification.notices.ports import Ledger


class KeepNewest(Bulk):
    """Inserts rows, or replaces older ones. `newness` are the columns to compare, one after the other.

    A row with null in the first of them is empty and always takes the new values. The same rule as
    `domain.concern.newer`.
    """

    def __init__(self, table: Table, columns: Sequence[str], key: str, newness: Sequence[str]) -> None:
        super().__init__(table, columns, (key,), OnConflict.REPLACE)
        self._newness = newness

    def _conflict(self) -> str:
        name = self._table.name
        old = ", ".join(f'"{name}"."{column}"' for column in self._newness)
        new = ", ".join(f'excluded."{column}"' for column in self._newness)
        return super()._conflict() + f' WHERE "{name}"."{self._newness[0]}" IS NULL OR ({new}) > ({old})'


# Columns in the order of the fields of Contact, Decision (without its words), SealedMessage, Delivery and DigestLine.
CONTACT = ("concern_id", "contact_id", "contact_sequence", "language", "sealed", "given_at")
DECISION = tuple(name for name in Decision.__slots__ if name != "words")
MESSAGE = tuple(SealedMessage.__slots__)
DELIVERY = tuple(Delivery.__slots__)
LINE = tuple(DigestLine.__slots__)

CONTACT_FIELDS = attrgetter(*Contact.__slots__)
DECISION_FIELDS = attrgetter(*DECISION)
MESSAGE_FIELDS = attrgetter(*MESSAGE)
DELIVERY_FIELDS = attrgetter(*DELIVERY)
LINE_FIELDS = attrgetter(*LINE)

KEEP_CONTACTS = KeepNewest(concerns, CONTACT, "concern_id", ("contact_sequence", "contact_id"))
MARK_DECIDED = Bulk(concerns, ("concern_id", "decided"), ("concern_id",), OnConflict.REPLACE)
MARK_WITHDRAWN = Bulk(concerns, ("concern_id", "withdrawn"), ("concern_id",), OnConflict.REPLACE)
TOUCH = Bulk(concerns, ("concern_id", "events"), ("concern_id",), OnConflict.ADD)
KEEP_DECISIONS = Bulk(decisions, DECISION, ("event_id",), OnConflict.KEEP)
KEEP_MESSAGES = Bulk(words, MESSAGE, ("cause_id",), OnConflict.KEEP)
PLAN = Bulk(deliveries, DELIVERY, ("id",), OnConflict.KEEP)
SAVE = Bulk(deliveries, DELIVERY, ("id",), OnConflict.REPLACE)

KEEP_LINES = Bulk(digest_lines, LINE, ("cause_id",), OnConflict.KEEP)
REPORTER = "reporter"

OPEN = deliveries.c.state.in_(["due", "sending"])
IDS: BindParameter[Any] = bindparam("ids", expanding=True)

CONCERNS = select(*(concerns.c[name] for name in CONTACT), concerns.c.withdrawn).where(concerns.c.concern_id.in_(IDS))
DECISIONS = (
    select(*(decisions.c[name] for name in DECISION), words.c.sealed)
    .outerjoin(words, words.c.cause_id == decisions.c.event_id)
    .where(decisions.c.concern_id.in_(IDS))
)
DELETE_SUPERSEDED = delete(deliveries).where(
    deliveries.c.concern_id.in_(bindparam("concerns", expanding=True)),
    deliveries.c.state == State.DUE,
    ~deliveries.c.uncertain,
    deliveries.c.id.not_in(IDS),
)
READY = (
    select(*(deliveries.c[name] for name in DELIVERY))
    .where(OPEN, deliveries.c.not_before <= bindparam("now"))
    .order_by(deliveries.c.not_before, deliveries.c.due_at, deliveries.c.id)
    .limit(bindparam("limit"))
    .with_for_update(skip_locked=True)
)
WITH_CLAIM = (
    select(deliveries.c.id)
    .where(deliveries.c.id.in_(IDS), deliveries.c.claim == bindparam("claim"), deliveries.c.state == State.SENDING)
    .with_for_update()
)
LINES = select(*(digest_lines.c[name] for name in LINE))
WITHOUT_DIGEST = (
    select(digest_lines.c.team)
    .where(
        digest_lines.c.digest_id.is_(None),
        ~exists().where(deliveries.c.contact_id == DIGEST, deliveries.c.cause_id == digest_lines.c.team, OPEN),
    )
    .distinct()
)
DROP = delete(deliveries).where(deliveries.c.id.in_(IDS))
EVENT_COUNTS = select(concerns.c.concern_id, concerns.c.events).where(concerns.c.concern_id.in_(IDS))
NEXT_ATTEMPT = select(deliveries.c.not_before).where(OPEN).order_by(deliveries.c.not_before).limit(1)


class SqlNoticeStore:
    """Implements `ports.NoticeStore`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.audit = SqlAudit(connection)

    def keep_contacts(self, contacts: Sequence[Contact]) -> None:
        KEEP_CONTACTS.write(self._connection, sorted(map(CONTACT_FIELDS, contacts)))

    def keep_decisions(self, decisions: Sequence[Decision]) -> None:
        MARK_DECIDED.write(self._connection, [(concern_id, True) for concern_id in _concern_ids(decisions)])
        KEEP_DECISIONS.write(self._connection, list(map(DECISION_FIELDS, decisions)))

    def keep_messages(self, messages: Sequence[SealedMessage]) -> None:
        TOUCH.write(self._connection, [(concern_id, 0) for concern_id in _concern_ids(messages)])
        KEEP_MESSAGES.write(self._connection, list(map(MESSAGE_FIELDS, messages)))

    def withdraw(self, concern_ids: Sequence[str]) -> None:
        MARK_WITHDRAWN.write(self._connection, [(concern_id, True) for concern_id in sorted(set(concern_ids))])

    def concerns(self, concern_ids: Sequence[str]) -> list[Concern]:
        ids = {"ids": list(concern_ids)}
        decisions: dict[str, list[Decision]] = defaultdict(list)
        for row in self._connection.execute(DECISIONS, ids):
            decision = Decision(*row)
            decisions[decision.concern_id].append(decision)
        rows = {row.concern_id: tuple(row) for row in self._connection.execute(CONCERNS, ids)}
        return [_concern(concern_id, rows.get(concern_id), decisions[concern_id]) for concern_id in concern_ids]

    def plan(
        self, concern_ids: Sequence[str], deliveries: Sequence[Delivery], current: Sequence[str] | None = None
    ) -> None:
        kept = [delivery.id for delivery in deliveries] if current is None else list(current)
        ids = {"concerns": list(concern_ids), "ids": kept}
        self._connection.execute(DELETE_SUPERSEDED, ids)
        PLAN.write(self._connection, list(map(DELIVERY_FIELDS, deliveries)))

    def keep_digest_lines(self, lines: Sequence[DigestLine]) -> None:
        KEEP_LINES.write(self._connection, sorted(map(LINE_FIELDS, lines)))

    def teams_without_digest(self) -> list[str]:
        return list(self._connection.execute(WITHOUT_DIGEST).scalars())

    def add_digests(self, digests: Sequence[Delivery]) -> None:
        PLAN.write(self._connection, list(map(DELIVERY_FIELDS, digests)))

    def take_lines(self, digest: Delivery) -> list[DigestLine]:
        own = LINES.where(digest_lines.c.digest_id == digest.id).order_by(digest_lines.c.cause_id)
        lines = [DigestLine(*row) for row in self._connection.execute(own)]
        if lines or digest.attempts:
            return lines
        waiting = and_(digest_lines.c.team == digest.cause_id, digest_lines.c.digest_id.is_(None))
        self._connection.execute(update(digest_lines).where(waiting).values(digest_id=digest.id))
        return [DigestLine(*row) for row in self._connection.execute(own)]

    def drop_lines(self, digest_ids: Sequence[str]) -> None:
        if digest_ids:
            self._connection.execute(delete(digest_lines).where(digest_lines.c.digest_id.in_(digest_ids)))

    def drop_waiting_lines(self, team: str) -> None:
        waiting = and_(digest_lines.c.team == team, digest_lines.c.digest_id.is_(None))
        self._connection.execute(delete(digest_lines).where(waiting))

    def ready(self, now: datetime, limit: int) -> list[tuple[Delivery, Concern]]:
        rows = self._connection.execute(READY, {"now": now, "limit": limit})
        deliveries = [Delivery(*row) for row in rows]
        concerns = self.concerns(list({delivery.concern_id for delivery in deliveries}))
        by_id = {concern.concern_id: concern for concern in concerns}
        return [(delivery, by_id[delivery.concern_id]) for delivery in deliveries]

    def with_claim(self, claim: str, ids: Sequence[str]) -> set[str]:
        return set(self._connection.execute(WITH_CLAIM, {"ids": ids, "claim": claim}).scalars())

    def save(self, deliveries: Sequence[Delivery]) -> None:
        SAVE.write(self._connection, list(map(DELIVERY_FIELDS, deliveries)))

    def drop(self, ids: Sequence[str]) -> None:
        if ids:
            self._connection.execute(DROP, {"ids": ids})

    def count_events(self, counts: Mapping[str, int]) -> Mapping[str, int]:
        TOUCH.write(self._connection, sorted(counts.items()))
        rows = self._connection.execute(EVENT_COUNTS, {"ids": list(counts)})
        return {row.concern_id: row.events for row in rows}

    def release_interrupted(self, now: datetime) -> int:
        """On PostgreSQL another process may be sending, so claims end by their lease. SQLite has one process."""
        if self._connection.dialect.name != "sqlite":
            return 0
        claimed = and_(deliveries.c.state == State.SENDING, deliveries.c.not_before > now)
        return self._connection.execute(update(deliveries).where(claimed).values(not_before=now)).rowcount

    def end_overlong_waits(self, now: datetime, lease: timedelta) -> int:
        c = deliveries.c
        ends = (literal(now + wait, c.not_before.type) for wait in LONGEST_WAITS)
        due_by = case(
            dict(enumerate(ends)), value=c.attempts, else_=literal(now + LONGEST_WAITS[-1], c.not_before.type)
        )
        digest_waits = and_(c.contact_id == DIGEST, c.attempts == 0, c.not_before <= now + DIGEST_WAIT)
        overlong = or_(
            and_(c.state == State.DUE, c.not_before > due_by, ~digest_waits),
            and_(c.state == State.SENDING, c.not_before > now + lease + TOLERANCE),
        )
        return self._connection.execute(update(deliveries).where(overlong).values(not_before=now)).rowcount

    def ciphertexts(self) -> list[str]:
        """Return a sample of contacts and officer messages, the oldest and the newest by id."""
        contacts = both_ends(
            self._connection, concerns.c.sealed, [concerns.c.concern_id], concerns.c.contact_id.is_not(None)
        )
        return contacts + both_ends(self._connection, words.c.sealed, [words.c.cause_id])

    def next_attempt(self) -> datetime | None:
        return self._connection.execute(NEXT_ATTEMPT).scalar_one_or_none()

    def ledger(self) -> Ledger:
        of = deliveries.c.contact_id
        recipient = case((of == SUPERVISOR, SUPERVISOR), (of.in_([TEAM, DIGEST]), TEAM), else_=REPORTER)
        columns = deliveries.c.state, recipient.label("recipient")
        by_state = select(*columns, func.count()).group_by(*columns)
        counts = {(state, kind): count for state, kind, count in self._connection.execute(by_state)}
        unanswered = func.sum(case((concerns.c.decided, 0), else_=1))
        with_contact = select(func.count(), unanswered).where(concerns.c.contact_id.is_not(None))
        contacts, waiting = self._connection.execute(with_contact).one()
        uncertain = select(func.count()).select_from(deliveries).where(deliveries.c.uncertain)
        return Ledger(
            contacts=contacts,
            unanswered=waiting or 0,
            uncertain=self._connection.execute(uncertain).scalar_one(),
            supervisors_due=counts.get((State.DUE, SUPERVISOR), 0) + counts.get((State.SENDING, SUPERVISOR), 0),
            supervisors_told=counts.get((State.DELIVERED, SUPERVISOR), 0),
            teams_due=counts.get((State.DUE, TEAM), 0) + counts.get((State.SENDING, TEAM), 0),
            teams_told=counts.get((State.DELIVERED, TEAM), 0),
            **{state.value: counts.get((state, REPORTER), 0) for state in State},
        )

    def deliveries(self, state: State, limit: int, before: tuple[datetime, str] | None = None) -> list[Delivery]:
        statement = select(*(deliveries.c[name] for name in DELIVERY)).where(deliveries.c.state == state)
        if before is not None:
            statement = statement.where(tuple_(deliveries.c.due_at, deliveries.c.id) < before)
        latest_first = statement.order_by(deliveries.c.due_at.desc(), deliveries.c.id.desc()).limit(limit)
        return [Delivery(*row) for row in self._connection.execute(latest_first)]


def _concern_ids(rows: Sequence[Decision] | Sequence[SealedMessage]) -> list[str]:
    """Return the concerns of the rows, each once, in the order in which every process locks them."""
    return sorted({row.concern_id for row in rows})


def _concern(concern_id: str, row: tuple[Any, ...] | None, decisions: list[Decision]) -> Concern:
    if row is None:
        return Concern(concern_id, None, in_order(decisions))
    *contact, withdrawn = row
    return Concern(concern_id, Contact(*contact) if contact[1] else None, in_order(decisions), withdrawn)
