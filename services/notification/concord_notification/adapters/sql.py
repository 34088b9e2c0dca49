"""The store in SQL, on SQLite and PostgreSQL.

One row a concern holds contact and decision, so that whoever writes the second of them sees the first: writing locks
the row. Rows are written in the order of their key, which keeps two processes from locking each other out.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import BindParameter, and_, bindparam, case, delete, func, select, tuple_, update
from sqlalchemy.engine import Connection

from concord_bus.adapters.sql.bulk import Bulk, OnConflict
from concord_notification.adapters.newest import KeepNewest
from concord_notification.adapters.tables import concerns, deliveries, metadata
from concord_notification.domain.concern import Concern, Contact, Decision
from concord_notification.domain.delivery import Delivery, Failure, State
from concord_notification.ports import Ledger
from concord_notification.webhooks.adapters.sql import SqlWebhooks

__all__ = ["SqlStore", "metadata"]

# Columns in the order of the fields of Contact, Decision and Delivery.
CONTACT = ("concern_id", "contact_id", "contact_sequence", "language", "sealed", "given_at")
DECISION = (
    *("concern_id", "decision_id", "decision_sequence", "kind", "decided_at", "correlation_id", "traceparent"),
    *("area", "team", "team_name", "acknowledge_by", "respond_by", "reason"),
)
DELIVERY = (
    *("id", "concern_id", "contact_id", "cause_id", "language", "due_at", "not_before"),
    *("state", "attempts", "uncertain", "claim", "failure", "finished_at"),
)

CONTACT_FIELDS = attrgetter(*Contact.__slots__)
DECISION_FIELDS = attrgetter(*Decision.__slots__)
DELIVERY_FIELDS = attrgetter(*Delivery.__slots__)

KEEP_CONTACTS = KeepNewest(concerns, CONTACT, "concern_id", ("contact_sequence", "contact_id"))
KEEP_DECISIONS = KeepNewest(concerns, DECISION, "concern_id", ("decision_sequence", "decision_id"))
PLAN = Bulk(deliveries, DELIVERY, ("id",), OnConflict.KEEP)
SAVE = Bulk(deliveries, DELIVERY, ("id",), OnConflict.REPLACE)

OPEN = deliveries.c.state.in_(["due", "sending"])
IDS: BindParameter[Any] = bindparam("ids", expanding=True)
BOTH = [concerns.c[name] for name in (*CONTACT, *DECISION)]

COMPLETE = select(*BOTH).where(
    concerns.c.concern_id.in_(IDS), concerns.c.contact_id.is_not(None), concerns.c.decision_id.is_not(None)
)
OVERTAKEN = delete(deliveries).where(
    deliveries.c.concern_id.in_(bindparam("concerns", expanding=True)),
    deliveries.c.state == State.DUE,
    ~deliveries.c.uncertain,
    deliveries.c.id.not_in(IDS),
)
READY = (
    select(*(deliveries.c[name] for name in DELIVERY), *(each.label(f"of_{n}") for n, each in enumerate(BOTH)))
    .join(concerns, concerns.c.concern_id == deliveries.c.concern_id)
    .where(OPEN, deliveries.c.not_before <= bindparam("now"))
    .order_by(deliveries.c.not_before, deliveries.c.id)
    .limit(bindparam("most"))
    .with_for_update(of=deliveries, skip_locked=True)
)
HELD = (
    select(deliveries.c.id)
    .where(deliveries.c.id.in_(IDS), deliveries.c.claim == bindparam("claim"), deliveries.c.state == State.SENDING)
    .with_for_update()
)
DROP = delete(deliveries).where(deliveries.c.id.in_(IDS))
COUNT = (
    update(concerns)
    .where(concerns.c.concern_id.in_(IDS))
    .values(events=concerns.c.events + 1)
    .returning(concerns.c.concern_id, concerns.c.events)
)
NEXT = select(deliveries.c.not_before).where(OPEN).order_by(deliveries.c.not_before).limit(1)


class SqlStore:
    """See `ports.Store`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.webhooks = SqlWebhooks(connection)

    def keep_contacts(self, contacts: Sequence[Contact]) -> None:
        KEEP_CONTACTS.write(self._connection, sorted(map(CONTACT_FIELDS, contacts)))

    def keep_decisions(self, decisions: Sequence[Decision]) -> None:
        KEEP_DECISIONS.write(self._connection, sorted(map(DECISION_FIELDS, decisions)))

    def complete(self, concern_ids: Sequence[str]) -> list[Concern]:
        return [_concern(tuple(row)) for row in self._connection.execute(COMPLETE, {"ids": concern_ids})]

    def plan(self, planned: Sequence[Delivery]) -> None:
        about = {"concerns": [each.concern_id for each in planned], "ids": [each.id for each in planned]}
        self._connection.execute(OVERTAKEN, about)
        PLAN.write(self._connection, [DELIVERY_FIELDS(each) for each in planned])

    def ready(self, now: datetime, limit: int) -> list[tuple[Delivery, Concern]]:
        rows = self._connection.execute(READY, {"now": now, "most": limit})
        return [(_delivery(row[: len(DELIVERY)]), _concern(row[len(DELIVERY) :])) for row in map(tuple, rows)]

    def held(self, claim: str, ids: Sequence[str]) -> set[str]:
        return set(self._connection.execute(HELD, {"ids": ids, "claim": claim}).scalars())

    def save(self, changed: Sequence[Delivery]) -> None:
        SAVE.write(self._connection, [DELIVERY_FIELDS(each) for each in changed])

    def drop(self, ids: Sequence[str]) -> None:
        if ids:
            self._connection.execute(DROP, {"ids": ids})

    def count_events(self, concern_ids: Collection[str]) -> Mapping[str, int]:
        if not concern_ids:
            return {}
        return dict(self._connection.execute(COUNT, {"ids": list(concern_ids)}).tuples().all())

    def interrupted(self, now: datetime) -> int:
        """On SQLite nobody else is sending. On PostgreSQL another process may be: its claims end by themselves."""
        if self._connection.dialect.name != "sqlite":
            return 0
        claimed = and_(deliveries.c.state == State.SENDING, deliveries.c.not_before > now)
        return self._connection.execute(update(deliveries).where(claimed).values(not_before=now)).rowcount

    def next_attempt(self) -> datetime | None:
        return self._connection.execute(NEXT).scalar_one_or_none()

    def ledger(self) -> Ledger:
        states = select(deliveries.c.state, func.count()).group_by(deliveries.c.state)
        by_state: dict[str, int] = dict(self._connection.execute(states).tuples().all())
        unanswered = func.sum(case((concerns.c.decision_id.is_(None), 1), else_=0))
        known = select(func.count(), unanswered).where(concerns.c.contact_id.is_not(None))
        contacts, waiting = self._connection.execute(known).one()
        uncertain = select(func.count()).select_from(deliveries).where(deliveries.c.uncertain)
        return Ledger(
            contacts=contacts,
            unanswered=waiting or 0,
            uncertain=self._connection.execute(uncertain).scalar_one(),
            **{state.value: by_state.get(state, 0) for state in State},
        )

    def deliveries(self, state: State, limit: int, before: tuple[datetime, str] | None = None) -> list[Delivery]:
        found = select(*(deliveries.c[name] for name in DELIVERY)).where(deliveries.c.state == state)
        if before is not None:
            found = found.where(tuple_(deliveries.c.due_at, deliveries.c.id) < before)
        latest = found.order_by(deliveries.c.due_at.desc(), deliveries.c.id.desc()).limit(limit)
        return [_delivery(tuple(row)) for row in self._connection.execute(latest)]

    def sealed(self, after: str, limit: int) -> list[tuple[str, str]]:
        following = and_(concerns.c.contact_id.is_not(None), concerns.c.concern_id > after)
        found = select(concerns.c.concern_id, concerns.c.sealed).where(following)
        rows = self._connection.execute(found.order_by(concerns.c.concern_id).limit(limit))
        return [(row.concern_id, row.sealed) for row in rows]

    def reseal(self, changes: Sequence[tuple[str, str, str]]) -> None:
        if changes:
            unchanged = and_(concerns.c.concern_id == bindparam("which"), concerns.c.sealed == bindparam("old"))
            statement = update(concerns).where(unchanged).values(sealed=bindparam("new"))
            rows = [{"which": which, "old": old, "new": new} for which, old, new in changes]
            self._connection.execute(statement, rows)


def _delivery(row: tuple[Any, ...]) -> Delivery:
    values = dict(zip(DELIVERY, row, strict=True))
    values["state"] = State(values["state"])
    values["failure"] = Failure(values["failure"]) if values["failure"] else None
    return Delivery(**values)


def _concern(row: tuple[Any, ...]) -> Concern:
    return Concern(Contact(*row[: len(CONTACT)]), Decision(*row[len(CONTACT) :]))
