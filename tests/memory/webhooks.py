"""The store of webhooks in memory. The contract tests of the SQL store run on it too."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from concord_bus.domain.retry import CLOCK_TOLERANCE
from concord_notification.webhooks.domain.delivery import LONGEST_WAITS, Delivery, DeliveryState, Failure, failed
from concord_notification.webhooks.domain.endpoint import LONGEST_PAUSE, Endpoint
from concord_notification.webhooks.ports import DeliveryBatch, QueuedEvent, WebhookCounts

Key = tuple[str, str]


class MemoryWebhookStore:
    """Implements `ports.WebhookStore`."""

    def __init__(self) -> None:
        self.by_id: dict[str, Endpoint] = {}
        self.claims: dict[str, tuple[str, datetime]] = {}
        self.last_batch: dict[str, datetime] = {}
        self.events: dict[str, QueuedEvent] = {}
        self.by_key: dict[Key, Delivery] = {}

    def binding_lock(self) -> None:
        """There is no other process."""

    def endpoints(self) -> list[Endpoint]:
        return sorted(self.by_id.values(), key=lambda endpoint: endpoint.name)

    def endpoint(self, id_or_name: str) -> Endpoint | None:
        return next((row for row in self.by_id.values() if id_or_name in (row.id, row.name)), None)

    def add(self, endpoint: Endpoint) -> bool:
        if any(other.name == endpoint.name for other in self.by_id.values()):
            return False
        self.by_id[endpoint.id] = endpoint
        return True

    def save(self, endpoint: Endpoint) -> None:
        self.by_id[endpoint.id] = endpoint

    def remove(self, endpoint_id: str) -> None:
        self.by_id.pop(endpoint_id, None)
        self.claims.pop(endpoint_id, None)
        self.by_key = {key: delivery for key, delivery in self.by_key.items() if key[0] != endpoint_id}

    def fail_due(self, endpoint_id: str, now: datetime) -> int:
        due = self._of(endpoint_id, DeliveryState.DUE)
        self._write(failed(delivery, Failure.DISABLED, now) for delivery in due)
        return len(due)

    def queue(self, events: Sequence[QueuedEvent], deliveries: Sequence[Delivery]) -> None:
        for event in events:
            self.events.setdefault(event.id, event)
        for delivery in deliveries:
            self.by_key.setdefault((delivery.endpoint_id, delivery.event_id), delivery)

    def ready(self, now: datetime, busy: Collection[str], limit: int) -> list[Endpoint]:
        ready = [
            row for row in self.by_id.values() if row.id not in busy and self._open(row, now) and self._due(row.id, now)
        ]
        ready.sort(key=lambda row: (row.failures > 0, self.last_batch.get(row.id, row.created_at), row.id))
        return ready[:limit]

    def claim(self, endpoint_id: str, claim: str, now: datetime, until: datetime, limit: int) -> DeliveryBatch | None:
        endpoint = self.by_id.get(endpoint_id)
        due = [delivery for delivery in self._due(endpoint_id, now) if delivery.event_id in self.events]
        if endpoint is None or not due or not self._open(endpoint, now):
            return None
        self.claims[endpoint_id] = claim, until
        self.last_batch[endpoint_id] = until
        bodies = [(delivery, self.events[delivery.event_id].body) for delivery in due[:limit]]
        return DeliveryBatch(claim, endpoint, bodies)

    def claimed(self, endpoint_id: str, claim: str) -> Endpoint | None:
        held_by, _ = self.claims.get(endpoint_id, (None, None))
        return self.by_id.get(endpoint_id) if held_by == claim else None

    def finish(self, endpoint: Endpoint, deliveries: Sequence[Delivery]) -> None:
        self.by_id[endpoint.id] = endpoint
        self.claims.pop(endpoint.id, None)
        due = {delivery.event_id for delivery in self._of(endpoint.id, DeliveryState.DUE)}
        self._write(delivery for delivery in deliveries if delivery.event_id in due)

    def end_overlong_waits(self, now: datetime, lease: timedelta) -> int:
        late = [
            row
            for row in self.by_key.values()
            if row.state is DeliveryState.DUE
            and row.not_before > now + LONGEST_WAITS[min(row.attempts, len(LONGEST_WAITS) - 1)]
        ]
        self._write(replace(row, not_before=now) for row in late)
        paused = [row for row in self.by_id.values() if row.rest_until and row.rest_until > now + LONGEST_PAUSE]
        self.by_id.update({row.id: replace(row, rest_until=now) for row in paused})
        tolerance = timedelta(seconds=CLOCK_TOLERANCE)
        claimed = [key for key, (_, until) in self.claims.items() if until > now + lease + tolerance]
        self.claims.update({key: (self.claims[key][0], now) for key in claimed})
        return len(late) + len(paused) + len(claimed)

    def release_interrupted(self) -> int:
        count = len(self.claims)
        self.claims.clear()
        return count

    def deliveries(
        self, endpoint_id: str, state: DeliveryState, limit: int, before: tuple[datetime, str] | None = None
    ) -> list[Delivery]:
        rows = [row for row in self._of(endpoint_id, state) if before is None or (row.queued_at, row.event_id) < before]
        return sorted(rows, key=lambda row: (row.queued_at, row.event_id), reverse=True)[:limit]

    def replay_one(self, endpoint_id: str, event_id: str, now: datetime) -> bool:
        delivery = self.by_key.get((endpoint_id, event_id))
        if delivery:
            self._write([_reset(delivery, now)])
        return delivery is not None

    def replay_since(self, endpoint_id: str, since: datetime, states: Collection[DeliveryState], now: datetime) -> int:
        rows = [row for row in self._of(endpoint_id, *states) if row.queued_at >= since]
        self._write(_reset(row, now) for row in rows)
        return len(rows)

    def unnotified(self) -> list[Endpoint]:
        return [endpoint for endpoint in self.by_id.values() if not endpoint.active and endpoint.told_at is None]

    def delete_old(self, delivered_before: datetime, failed_before: datetime, limit: int) -> int:
        ends = {DeliveryState.DELIVERED: delivered_before, DeliveryState.FAILED: failed_before}
        keys = [
            key
            for key, row in self.by_key.items()
            if row.finished_at and row.state in ends and row.finished_at < ends[row.state]
        ][:limit]
        due = [key for key, row in self.by_key.items() if row.state is DeliveryState.DUE]
        keys += [key for key in due if key[0] not in self.by_id]
        for key in keys:
            del self.by_key[key]
        used = {event_id for _, event_id in self.by_key}
        self.events = {
            event.id: event for event in self.events.values() if event.id in used or event.queued_at >= delivered_before
        }
        return len(keys)

    def counts(self) -> WebhookCounts:
        active = {endpoint.id for endpoint in self.by_id.values() if endpoint.active}
        rows = self.by_key.values()
        due = [row for row in rows if row.state is DeliveryState.DUE and row.endpoint_id in active]
        return WebhookCounts(
            active=len(active),
            disabled=len(self.by_id) - len(active),
            due=len(due),
            failed=sum(row.state is DeliveryState.FAILED for row in rows),
            oldest_due=min((row.not_before for row in due), default=None),
        )

    def _of(self, endpoint_id: str, *states: DeliveryState) -> list[Delivery]:
        return [row for row in self.by_key.values() if row.endpoint_id == endpoint_id and row.state in states]

    def _due(self, endpoint_id: str, now: datetime) -> list[Delivery]:
        due = [row for row in self._of(endpoint_id, DeliveryState.DUE) if row.not_before <= now]
        return sorted(due, key=lambda row: row.event_id)

    def _open(self, endpoint: Endpoint, now: datetime) -> bool:
        _, claimed_until = self.claims.get(endpoint.id, (None, None))
        paused = endpoint.rest_until is not None and endpoint.rest_until > now
        return endpoint.active and not paused and (claimed_until is None or claimed_until <= now)

    def _write(self, deliveries: Iterable[Delivery]) -> None:
        for delivery in deliveries:
            self.by_key[delivery.endpoint_id, delivery.event_id] = delivery


def _reset(delivery: Delivery, now: datetime) -> Delivery:
    """Make the delivery due again, with all its attempts."""
    due = replace(delivery, state=DeliveryState.DUE, not_before=now, attempts=0)
    return replace(due, failure=None, result=None, finished_at=None)
