"""The fan-out: the event handler that queues each public event for the endpoints with a grant for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from concord_bus.ports import Handler, Work
from concord_contracts import CATALOGUE, Codec, Event
from concord_notification.webhooks.domain.delivery import Delivery, Failure, failed
from concord_notification.webhooks.domain.endpoint import Endpoint
from concord_notification.webhooks.ports import QueuedEvent, Store, WebhookStore

MAX_AGE = timedelta(seconds=1)
"""The age at which the cached list of endpoints expires: another process may have changed it."""


class EndpointCache:
    """The list of endpoints, read at most once a second, so that events cost nothing without endpoints."""

    def __init__(self) -> None:
        self._endpoints: list[Endpoint] = []
        self._read_at: datetime | None = None

    def endpoints(self, webhooks: WebhookStore, now: datetime) -> list[Endpoint]:
        if self._read_at is None or not timedelta(0) <= now - self._read_at < MAX_AGE:
            self._endpoints, self._read_at = webhooks.endpoints(), now
        return self._endpoints

    def invalidate(self) -> None:
        """Read the list again at the next event."""
        self._read_at = None


@dataclass(frozen=True, slots=True)
class FanOut:
    """Queues deliveries. A delivery for a disabled endpoint fails at once, so that operators can replay it."""

    codec: Codec
    cache: EndpointCache

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handler of each public event type."""
        return {message.name: self.queue for message in CATALOGUE.values() if message.public}

    def queue(self, events: Sequence[Event[Any]], work: Work[Store]) -> None:
        webhooks = work.store.webhooks
        endpoints = self.cache.endpoints(webhooks, work.now)
        deliveries = [
            _delivery(endpoint, event, work.now)
            for event in events
            for endpoint in endpoints
            if is_granted(endpoint, event)
        ]
        if deliveries:
            ids = {delivery.event_id for delivery in deliveries}
            encoded = [(event.id, self.codec.encode(event).body) for event in events if event.id in ids]
            webhooks.queue([QueuedEvent(event_id, body, work.now) for event_id, body in encoded], deliveries)


def is_granted(endpoint: Endpoint, event: Event[Any]) -> bool:
    area, category = getattr(event.data, "area", None), getattr(event.data, "category", None)
    return endpoint.grant.covers(event.type, area, category)


def _delivery(endpoint: Endpoint, event: Event[Any], now: datetime) -> Delivery:
    delivery = Delivery(endpoint.id, event.id, event.type, queued_at=now, not_before=now)
    return delivery if endpoint.active else failed(delivery, Failure.DISABLED, now)
