"""Webhooks in SQL, on SQLite and PostgreSQL. An endpoint's row is the lock for all that is done about it."""

import zlib
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import and_, bindparam, case, delete, exists, func, insert, or_, select, text, tuple_, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from concord_bus.adapters.sql.bulk_insert import Bulk, OnConflict
from concord_notification.webhooks.adapters.rows import (
    DELIVERY,
    DELIVERY_FIELDS,
    delivery_of,
    endpoint_of,
    endpoint_values,
)
from concord_notification.webhooks.adapters.tables import deliveries, endpoints, events
from concord_notification.webhooks.domain.delivery import Delivery, DeliveryState, Failure
from concord_notification.webhooks.domain.endpoint import Endpoint, EndpointState
from concord_notification.webhooks.ports import Queued, Standing, Visit

BINDING_LOCK = zlib.crc32(b"concord webhook bindings")
TURN_SECONDS = 6
"""Longer than another process may take over its turn."""

KEEP_EVENTS = Bulk(events, ("id", "body", "queued_at"), ("id",), OnConflict.KEEP)
KEEP_DELIVERIES = Bulk(deliveries, DELIVERY, ("endpoint_id", "event_id"), OnConflict.KEEP)
COLUMNS = [deliveries.c[name] for name in DELIVERY]
CHANGING = ("not_before", "state", "attempts", "failure", "result", "finished_at")

ACTIVE = endpoints.c.state == EndpointState.ACTIVE
DUE = deliveries.c.state == DeliveryState.DUE
NOW: Any = bindparam("now")
FREE = or_(endpoints.c.claim.is_(None), endpoints.c.claimed_until <= NOW)
RESTED = or_(endpoints.c.rest_until.is_(None), endpoints.c.rest_until <= NOW)
WAITING = exists().where(deliveries.c.endpoint_id == endpoints.c.id, DUE, deliveries.c.not_before <= NOW)
HOMELESS = deliveries.c.endpoint_id.not_in(select(endpoints.c.id))
"""Queued by a process that did not know yet that another one had removed the endpoint."""

READY = select(endpoints).where(ACTIVE, FREE, RESTED, WAITING, endpoints.c.id.not_in(bindparam("busy", expanding=True)))
DOUBTFUL = case((endpoints.c.failures > 0, 1), else_=0)
LAST_VISIT = func.coalesce(endpoints.c.claimed_until, endpoints.c.created_at)
IN_TURN = READY.order_by(DOUBTFUL, LAST_VISIT, endpoints.c.id).limit(bindparam("most"))
CLAIM = (
    update(endpoints)
    .where(endpoints.c.id == bindparam("which"), ACTIVE, FREE, RESTED)
    .values(claim=bindparam("new_claim"), claimed_until=bindparam("until"))
    .returning(*endpoints.c)
)
DUE_HERE = (
    select(*COLUMNS, events.c.body)
    .join(events, events.c.id == deliveries.c.event_id)
    .where(deliveries.c.endpoint_id == bindparam("which"), DUE, deliveries.c.not_before <= NOW)
    .order_by(deliveries.c.event_id)
    .limit(bindparam("most"))
)
WRITE_DELIVERY = (
    update(deliveries)
    .where(deliveries.c.endpoint_id == bindparam("of_endpoint"), deliveries.c.event_id == bindparam("of_event"), DUE)
    .values({name: bindparam(f"new_{name}") for name in CHANGING})
)
ANEW: dict[str, Any] = {"state": DeliveryState.DUE, "attempts": 0, "failure": None, "result": None, "finished_at": None}


class SqlWebhooks:
    """See `ports.Webhooks`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def turn_to_bind(self) -> None:
        """On SQLite one process serves, and it binds in one green thread."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text(f"SET LOCAL lock_timeout = '{TURN_SECONDS}s'"))
            self._connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": BINDING_LOCK})

    def endpoints(self) -> list[Endpoint]:
        return [endpoint_of(row) for row in self._connection.execute(select(endpoints).order_by("name")).mappings()]

    def endpoint(self, which: str) -> Endpoint | None:
        named = select(endpoints).where(or_(endpoints.c.id == which, endpoints.c.name == which))
        row = self._connection.execute(named.with_for_update()).mappings().first()
        return None if row is None else endpoint_of(row)

    def add(self, endpoint: Endpoint) -> bool:
        try:
            with self._connection.begin_nested():
                self._connection.execute(insert(endpoints), endpoint_values(endpoint))
        except IntegrityError:
            return False
        return True

    def save(self, endpoint: Endpoint) -> None:
        self._connection.execute(update(endpoints).where(endpoints.c.id == endpoint.id), endpoint_values(endpoint))

    def remove(self, endpoint_id: str) -> None:
        self._connection.execute(delete(deliveries).where(deliveries.c.endpoint_id == endpoint_id))
        self._connection.execute(delete(endpoints).where(endpoints.c.id == endpoint_id))

    def give_up_due(self, endpoint_id: str, now: datetime) -> int:
        due = update(deliveries).where(deliveries.c.endpoint_id == endpoint_id, DUE)
        given_up = due.values(state=DeliveryState.FAILED, failure=Failure.DISABLED, finished_at=now)
        return self._connection.execute(given_up).rowcount

    def queue(self, events: Sequence[Queued], deliveries: Sequence[Delivery]) -> None:
        KEEP_EVENTS.write(self._connection, [(each.id, each.body, each.queued_at) for each in events])
        KEEP_DELIVERIES.write(self._connection, [DELIVERY_FIELDS(each) for each in deliveries])

    def ready(self, now: datetime, busy: Collection[str], limit: int) -> list[Endpoint]:
        rows = self._connection.execute(IN_TURN, {"now": now, "busy": list(busy), "most": limit})
        return [endpoint_of(row) for row in rows.mappings()]

    def begin_visit(self, endpoint_id: str, claim: str, now: datetime, until: datetime, limit: int) -> Visit | None:
        given = {"which": endpoint_id, "now": now, "new_claim": claim, "until": until}
        row = self._connection.execute(CLAIM, given).mappings().first()
        if row is None:
            return None
        found = self._connection.execute(DUE_HERE, {"which": endpoint_id, "now": now, "most": limit}).all()
        if not found:
            self._let_go(endpoint_id)
            return None
        return Visit(claim, endpoint_of(row), [(delivery_of(each[:-1]), bytes(each[-1])) for each in map(tuple, found)])

    def visited(self, endpoint_id: str, claim: str) -> Endpoint | None:
        held = select(endpoints).where(endpoints.c.id == endpoint_id, endpoints.c.claim == claim).with_for_update()
        row = self._connection.execute(held).mappings().first()
        return None if row is None else endpoint_of(row)

    def end_visit(self, endpoint: Endpoint, deliveries: Sequence[Delivery]) -> None:
        self.save(endpoint)
        self._let_go(endpoint.id)
        if deliveries:
            self._connection.execute(WRITE_DELIVERY, [_changes(each) for each in deliveries])

    def interrupted(self) -> int:
        """On SQLite nobody else is at work. On PostgreSQL another process may be: its claims end by themselves."""
        if self._connection.dialect.name != "sqlite":
            return 0
        claimed = update(endpoints).where(endpoints.c.claim.is_not(None)).values(claim=None)
        return self._connection.execute(claimed).rowcount

    def deliveries(
        self, endpoint_id: str, state: DeliveryState, limit: int, before: tuple[datetime, str] | None = None
    ) -> list[Delivery]:
        place = tuple_(deliveries.c.queued_at, deliveries.c.event_id)
        found = select(*COLUMNS).where(deliveries.c.endpoint_id == endpoint_id, deliveries.c.state == state)
        if before is not None:
            found = found.where(place < before)
        latest = found.order_by(deliveries.c.queued_at.desc(), deliveries.c.event_id.desc()).limit(limit)
        return [delivery_of(tuple(row)) for row in self._connection.execute(latest)]

    def replay_one(self, endpoint_id: str, event_id: str, now: datetime) -> bool:
        one = and_(deliveries.c.endpoint_id == endpoint_id, deliveries.c.event_id == event_id)
        return self._connection.execute(update(deliveries).where(one).values(not_before=now, **ANEW)).rowcount == 1

    def replay_since(self, endpoint_id: str, since: datetime, states: Collection[DeliveryState], now: datetime) -> int:
        meant = and_(
            deliveries.c.endpoint_id == endpoint_id,
            deliveries.c.state.in_(list(states)),
            deliveries.c.queued_at >= since,
        )
        return self._connection.execute(update(deliveries).where(meant).values(not_before=now, **ANEW)).rowcount

    def untold(self) -> list[Endpoint]:
        waiting = select(endpoints).where(endpoints.c.state == EndpointState.DISABLED, endpoints.c.told_at.is_(None))
        return [endpoint_of(row) for row in self._connection.execute(waiting).mappings()]

    def forget(self, delivered_before: datetime, failed_before: datetime, limit: int) -> int:
        done, lost = deliveries.c.state == DeliveryState.DELIVERED, deliveries.c.state == DeliveryState.FAILED
        old = or_(
            and_(done, deliveries.c.finished_at < delivered_before),
            and_(lost, deliveries.c.finished_at < failed_before),
        )
        key = tuple_(deliveries.c.endpoint_id, deliveries.c.event_id)
        chosen = select(deliveries.c.endpoint_id, deliveries.c.event_id).where(old).limit(limit)
        # Asked again of the row itself: an operator may have had it sent anew since it was chosen.
        count = self._connection.execute(delete(deliveries).where(key.in_(chosen), old)).rowcount
        count += self._connection.execute(delete(deliveries).where(DUE, HOMELESS)).rowcount
        self._forget_events(delivered_before, limit)
        return count

    def standing(self) -> Standing:
        states = select(endpoints.c.state, func.count()).group_by(endpoints.c.state)
        by_state: dict[str, int] = {row[0]: row[1] for row in self._connection.execute(states)}
        joined = deliveries.join(endpoints, endpoints.c.id == deliveries.c.endpoint_id)
        due = select(func.count(), func.min(deliveries.c.not_before)).select_from(joined).where(DUE, ACTIVE)
        waiting, oldest = self._connection.execute(due).one()
        failed = select(func.count()).select_from(deliveries).where(deliveries.c.state == DeliveryState.FAILED)
        return Standing(
            active=by_state.get(EndpointState.ACTIVE, 0),
            disabled=by_state.get(EndpointState.DISABLED, 0),
            due=waiting,
            failed=self._connection.execute(failed).scalar_one(),
            oldest_due=oldest,
        )

    def sealed(self, after: str, limit: int) -> list[tuple[str, str]]:
        found = select(endpoints.c.id, endpoints.c.sealed).where(endpoints.c.id > after)
        rows = self._connection.execute(found.order_by(endpoints.c.id).limit(limit))
        return [(row.id, row.sealed) for row in rows]

    def reseal(self, changes: Sequence[tuple[str, str, str]]) -> None:
        for which, old, new in changes:
            unchanged = and_(endpoints.c.id == which, endpoints.c.sealed == old)
            self._connection.execute(update(endpoints).where(unchanged).values(sealed=new))

    def _let_go(self, endpoint_id: str) -> None:
        """`claimed_until` stays, to tell whose visit was longest ago."""
        self._connection.execute(update(endpoints).where(endpoints.c.id == endpoint_id).values(claim=None))

    def _forget_events(self, before: datetime, limit: int) -> None:
        """Events that no delivery refers to any more."""
        unused = ~exists().where(deliveries.c.event_id == events.c.id)
        chosen = select(events.c.id).where(events.c.queued_at < before, unused).limit(limit)
        self._connection.execute(delete(events).where(events.c.id.in_(chosen)))


def _changes(delivery: Delivery) -> dict[str, Any]:
    changed = {f"new_{name}": getattr(delivery, name) for name in CHANGING}
    return {"of_endpoint": delivery.endpoint_id, "of_event": delivery.event_id, **changed}
