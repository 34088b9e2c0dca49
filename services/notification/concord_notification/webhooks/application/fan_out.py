"""Every public event is queued for the endpoints that are granted it, in the transaction of its inbox."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from concord_bus.ports import Handler, Work
from concord_contracts import CATALOGUE, Codec, Event
from concord_notification.webhooks.domain.delivery import Delivery, Failure, given_up
from concord_notification.webhooks.domain.endpoint import Endpoint
from concord_notification.webhooks.ports import Queued, Webhooks

GOOD_FOR = timedelta(seconds=1)
"""How old the list of endpoints may be: another process may have changed it."""


class KnownEndpoints:
    """The endpoints, read at most once a second, so that events cost nothing where there are none."""

    def __init__(self) -> None:
        self._endpoints: list[Endpoint] = []
        self._read_at: datetime | None = None

    def of(self, webhooks: Webhooks, now: datetime) -> list[Endpoint]:
        if self._read_at is None or not timedelta(0) <= now - self._read_at < GOOD_FOR:
            self._endpoints, self._read_at = webhooks.endpoints(), now
        return self._endpoints

    def forget(self) -> None:
        """This process changed an endpoint."""
        self._read_at = None


class FanOut:
    """Queues deliveries. One for an endpoint that is disabled counts as failed, so that it can be replayed."""

    def __init__(self, codec: Codec, known: KnownEndpoints) -> None:
        self._codec = codec
        self._known = known

    def by_type(self) -> Mapping[str, Handler]:
        return {each.name: self.spread for each in CATALOGUE.values() if each.public}

    def spread(self, events: Sequence[Event[Any]], work: Work[Any]) -> None:
        webhooks: Webhooks = work.store.webhooks
        endpoints = self._known.of(webhooks, work.now)
        if not endpoints:
            return
        deliveries = [
            _delivery(endpoint, event, work.now)
            for event in events
            for endpoint in endpoints
            if granted(endpoint, event)
        ]
        wanted = {each.event_id for each in deliveries}
        bodies = [Queued(each.id, self._codec.encode(each).body, work.now) for each in events if each.id in wanted]
        webhooks.queue(bodies, deliveries)


def granted(endpoint: Endpoint, event: Event[Any]) -> bool:
    area, category = getattr(event.data, "area", None), getattr(event.data, "category", None)
    return endpoint.grant.covers(event.type, area, category)


def _delivery(endpoint: Endpoint, event: Event[Any], now: datetime) -> Delivery:
    due = Delivery(endpoint.id, event.id, event.type, queued_at=now, not_before=now)
    return due if endpoint.active else given_up(due, Failure.DISABLED, now)


def together(*tables: Mapping[str, Handler]) -> dict[str, Handler]:
    """One table of handlers from several: a type that is in more than one is handled by each, in that order."""
    joined: dict[str, list[Handler]] = {}
    for table in tables:
        for kind, handler in table.items():
            joined.setdefault(kind, []).append(handler)
    return {kind: _in_turn(handlers) for kind, handlers in joined.items()}


def _in_turn(handlers: Sequence[Handler]) -> Handler:
    def handle(events: Sequence[Event[Any]], work: Any) -> None:
        for each in handlers:
            each(events, work)

    return handlers[0] if len(handlers) == 1 else handle
