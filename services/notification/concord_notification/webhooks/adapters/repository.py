"""The store of webhooks in SQL, on SQLite and PostgreSQL. An endpoint's row is the lock for all its deliveries."""

import zlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Select,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    text,
    tuple_,
    update,
)
from sqlalchemy.engine import Connection
from sqlalchemy.exc import IntegrityError

from concord_bus.adapters.sql.bulk_insert import Bulk, OnConflict
from concord_bus.domain.retry import CLOCK_TOLERANCE
from concord_notification.webhooks.adapters.row_mapping import (
    DELIVERY,
    DELIVERY_FIELDS,
    endpoint_of,
    endpoint_values,
)
from concord_notification.webhooks.adapters.tables import deliveries, endpoints, events
from concord_notification.webhooks.domain.delivery import LONGEST_WAITS, Delivery, DeliveryState, Failure
from concord_notification.webhooks.domain.endpoint import LONGEST_PAUSE, Endpoint, EndpointState
from concord_notification.webhooks.ports import DeliveryBatch, QueuedEvent, WebhookCounts

BINDING_LOCK = zlib.crc32(b"concord webhook bindings")
LOCK_SECONDS = 6
"""Longer than another process may hold the lock on the bindings."""

KEEP_EVENTS = Bulk(events, ("id", "body", "queued_at"), ("id",), OnConflict.KEEP)
KEEP_DELIVERIES = Bulk(deliveries, DELIVERY, ("endpoint_id", "event_id"), OnConflict.KEEP)
COLUMNS = [deliveries.c[name] for name in DELIVERY]
CHANGING = ("not_before", "state", "attempts", "failure", "result", "finished_at")

ACTIVE = endpoints.c.state == EndpointState.ACTIVE
DUE = deliveries.c.state == DeliveryState.DUE
NOW: Any = bindparam("now")
FREE = or_(endpoints.c.claim.is_(None), endpoints.c.claimed_until <= NOW)
NOT_PAUSED = or_(endpoints.c.rest_until.is_(None), endpoints.c.rest_until <= NOW)
HAS_DUE = exists().where(deliveries.c.endpoint_id == endpoints.c.id, DUE, deliveries.c.not_before <= NOW)
ORPHANED = deliveries.c.endpoint_id.not_in(select(endpoints.c.id))
"""Deliveries from a process that did not know yet of the removal of their endpoint."""

NOT_BUSY = endpoints.c.id.not_in(bindparam("busy", expanding=True))
FAILING = case((endpoints.c.failures > 0, 1), else_=0)
LAST_BATCH = func.coalesce(endpoints.c.claimed_until, endpoints.c.created_at)
READY = (
    select(endpoints)
    .where(ACTIVE, FREE, NOT_PAUSED, HAS_DUE, NOT_BUSY)
    .order_by(FAILING, LAST_BATCH, endpoints.c.id)
    .limit(bindparam("limit"))
)
CLAIM = (
    update(endpoints)
    .where(endpoints.c.id == bindparam("endpoint_id"), ACTIVE, FREE, NOT_PAUSED)
    .values(claim=bindparam("new_claim"), claimed_until=bindparam("until"))
    .returning(*endpoints.c)
)
DUE_FOR_ENDPOINT = (
    select(*COLUMNS, events.c.body)
    .join(events, events.c.id == deliveries.c.event_id)
    .where(deliveries.c.endpoint_id == bindparam("endpoint_id"), DUE, deliveries.c.not_before <= NOW)
    .order_by(deliveries.c.event_id)
    .limit(bindparam("limit"))
)
WRITE_DELIVERY = (
    update(deliveries)
    .where(deliveries.c.endpoint_id == bindparam("of_endpoint"), deliveries.c.event_id == bindparam("of_event"), DUE)
    .values({name: bindparam(f"new_{name}") for name in CHANGING})
)
RESET_FOR_RETRY: dict[str, Any] = {
    "state": DeliveryState.DUE,
    "attempts": 0,
    "failure": None,
    "result": None,
    "finished_at": None,
}


class SqlWebhookStore:
    """Implements `ports.WebhookStore`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def binding_lock(self) -> None:
        """SQLite needs none: one process serves, and it binds in one green thread."""
        if self._connection.dialect.name == "postgresql":
            self._connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'"))
            self._connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": BINDING_LOCK})

    def endpoints(self) -> list[Endpoint]:
        return self._all(select(endpoints).order_by("name"))

    def endpoint(self, id_or_name: str) -> Endpoint | None:
        return self._locked(or_(endpoints.c.id == id_or_name, endpoints.c.name == id_or_name))

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

    def fail_due(self, endpoint_id: str, now: datetime) -> int:
        due = update(deliveries).where(deliveries.c.endpoint_id == endpoint_id, DUE)
        failed = due.values(state=DeliveryState.FAILED, failure=Failure.DISABLED, finished_at=now)
        return self._connection.execute(failed).rowcount

    def queue(self, events: Sequence[QueuedEvent], deliveries: Sequence[Delivery]) -> None:
        KEEP_EVENTS.write(self._connection, [(event.id, event.body, event.queued_at) for event in events])
        KEEP_DELIVERIES.write(self._connection, list(map(DELIVERY_FIELDS, deliveries)))

    def ready(self, now: datetime, busy: Collection[str], limit: int) -> list[Endpoint]:
        return self._all(READY, {"now": now, "busy": list(busy), "limit": limit})

    def claim(self, endpoint_id: str, claim: str, now: datetime, until: datetime, limit: int) -> DeliveryBatch | None:
        parameters = {"endpoint_id": endpoint_id, "now": now, "new_claim": claim, "until": until}
        endpoint = self._connection.execute(CLAIM, parameters).mappings().first()
        if endpoint is None:
            return None
        due = {"endpoint_id": endpoint_id, "now": now, "limit": limit}
        rows = [tuple(row) for row in self._connection.execute(DUE_FOR_ENDPOINT, due)]
        if not rows:
            self._release(endpoint_id)
            return None
        return DeliveryBatch(claim, endpoint_of(endpoint), [(Delivery(*row[:-1]), bytes(row[-1])) for row in rows])

    def claimed(self, endpoint_id: str, claim: str) -> Endpoint | None:
        return self._locked(and_(endpoints.c.id == endpoint_id, endpoints.c.claim == claim))

    def finish(self, endpoint: Endpoint, deliveries: Sequence[Delivery]) -> None:
        self.save(endpoint)
        self._release(endpoint.id)
        if deliveries:
            self._connection.execute(WRITE_DELIVERY, [_changes(delivery) for delivery in deliveries])

    def end_overlong_waits(self, now: datetime, lease: timedelta) -> int:
        d, e = deliveries.c, endpoints.c
        ends = (literal(now + wait, d.not_before.type) for wait in LONGEST_WAITS)
        due_by = case(
            dict(enumerate(ends)), value=d.attempts, else_=literal(now + LONGEST_WAITS[-1], d.not_before.type)
        )
        changes = (
            update(deliveries).where(DUE, d.not_before > due_by).values(not_before=now),
            update(endpoints).where(e.rest_until > now + LONGEST_PAUSE).values(rest_until=now),
            update(endpoints)
            .where(e.claimed_until > now + lease + timedelta(seconds=CLOCK_TOLERANCE))
            .values(claimed_until=now),
        )
        return sum(self._connection.execute(change).rowcount for change in changes)

    def release_interrupted(self) -> int:
        """On PostgreSQL another process may be sending, so claims end by their lease. SQLite has one process."""
        if self._connection.dialect.name != "sqlite":
            return 0
        released = update(endpoints).where(endpoints.c.claim.is_not(None)).values(claim=None)
        return self._connection.execute(released).rowcount

    def deliveries(
        self, endpoint_id: str, state: DeliveryState, limit: int, before: tuple[datetime, str] | None = None
    ) -> list[Delivery]:
        statement = select(*COLUMNS).where(deliveries.c.endpoint_id == endpoint_id, deliveries.c.state == state)
        if before is not None:
            statement = statement.where(tuple_(deliveries.c.queued_at, deliveries.c.event_id) < before)
        latest_first = statement.order_by(deliveries.c.queued_at.desc(), deliveries.c.event_id.desc()).limit(limit)
        return [Delivery(*row) for row in self._connection.execute(latest_first)]

    def replay_one(self, endpoint_id: str, event_id: str, now: datetime) -> bool:
        return self._reset(and_(deliveries.c.endpoint_id == endpoint_id, deliveries.c.event_id == event_id), now) == 1

    def replay_since(self, endpoint_id: str, since: datetime, states: Collection[DeliveryState], now: datetime) -> int:
        in_states = deliveries.c.state.in_(list(states))
        return self._reset(
            and_(deliveries.c.endpoint_id == endpoint_id, in_states, deliveries.c.queued_at >= since), now
        )

    def unnotified(self) -> list[Endpoint]:
        disabled = endpoints.c.state == EndpointState.DISABLED
        return self._all(select(endpoints).where(disabled, endpoints.c.told_at.is_(None)))

    def delete_old(self, delivered_before: datetime, failed_before: datetime, limit: int) -> int:
        old = or_(
            and_(deliveries.c.state == DeliveryState.DELIVERED, deliveries.c.finished_at < delivered_before),
            and_(deliveries.c.state == DeliveryState.FAILED, deliveries.c.finished_at < failed_before),
        )
        key = tuple_(deliveries.c.endpoint_id, deliveries.c.event_id)
        page = select(deliveries.c.endpoint_id, deliveries.c.event_id).where(old).limit(limit)
        # `old` again on the row itself: an operator may have replayed it since.
        count = self._connection.execute(delete(deliveries).where(key.in_(page), old)).rowcount
        count += self._connection.execute(delete(deliveries).where(DUE, ORPHANED)).rowcount
        self._delete_events(delivered_before, limit)
        return count

    def counts(self) -> WebhookCounts:
        states = select(endpoints.c.state, func.count()).group_by(endpoints.c.state)
        by_state: dict[str, int] = {row[0]: row[1] for row in self._connection.execute(states)}
        joined = deliveries.join(endpoints, endpoints.c.id == deliveries.c.endpoint_id)
        due = select(func.count(), func.min(deliveries.c.not_before)).select_from(joined).where(DUE, ACTIVE)
        waiting, oldest = self._connection.execute(due).one()
        failed = select(func.count()).select_from(deliveries).where(deliveries.c.state == DeliveryState.FAILED)
        return WebhookCounts(
            active=by_state.get(EndpointState.ACTIVE, 0),
            disabled=by_state.get(EndpointState.DISABLED, 0),
            due=waiting,
            failed=self._connection.execute(failed).scalar_one(),
            oldest_due=oldest,
        )

    def _all(self, statement: Select[Any], parameters: dict[str, Any] | None = None) -> list[Endpoint]:
        return [endpoint_of(row) for row in self._connection.execute(statement, parameters).mappings()]

    def _locked(self, condition: Any) -> Endpoint | None:
        row = self._connection.execute(select(endpoints).where(condition).with_for_update()).mappings().first()
        return None if row is None else endpoint_of(row)

    def _reset(self, condition: Any, now: datetime) -> int:
        reset = update(deliveries).where(condition).values(not_before=now, **RESET_FOR_RETRY)
        return self._connection.execute(reset).rowcount

    def _release(self, endpoint_id: str) -> None:
        """End a claim. `claimed_until` stays: it orders the endpoints by their last batch."""
        self._connection.execute(update(endpoints).where(endpoints.c.id == endpoint_id).values(claim=None))

    def _delete_events(self, before: datetime, limit: int) -> None:
        """Delete events without a delivery."""
        unused = ~exists().where(deliveries.c.event_id == events.c.id)
        page = select(events.c.id).where(events.c.queued_at < before, unused).limit(limit)
        self._connection.execute(delete(events).where(events.c.id.in_(page)))


def _changes(delivery: Delivery) -> dict[str, Any]:
    values = {f"new_{name}": getattr(delivery, name) for name in CHANGING}
    return {"of_endpoint": delivery.endpoint_id, "of_event": delivery.event_id, **values}
