"""Webhooks in memory: the same port as the SQL one, kept honest by the same contract tests."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from concord_notification.webhooks.domain.delivery import Delivery, DeliveryState, Failure, given_up
from concord_notification.webhooks.domain.endpoint import Endpoint
from concord_notification.webhooks.ports import Queued, Standing, Visit

Key = tuple[str, str]


class MemoryWebhooks:
    """See `ports.Webhooks`."""

    def __init__(self) -> None:
        self.kept: dict[str, Endpoint] = {}
        self.claims: dict[str, tuple[str, datetime]] = {}
        self.last_visit: dict[str, datetime] = {}
        self.events: dict[str, Queued] = {}
        self.sent: dict[Key, Delivery] = {}

    def turn_to_bind(self) -> None:
        """One process is all there is."""

    def endpoints(self) -> list[Endpoint]:
        return sorted(self.kept.values(), key=lambda each: each.name)

    def endpoint(self, which: str) -> Endpoint | None:
        return next((each for each in self.kept.values() if which in (each.id, each.name)), None)

    def add(self, endpoint: Endpoint) -> bool:
        if any(each.name == endpoint.name for each in self.kept.values()):
            return False
        self.kept[endpoint.id] = endpoint
        return True

    def save(self, endpoint: Endpoint) -> None:
        self.kept[endpoint.id] = endpoint

    def remove(self, endpoint_id: str) -> None:
        self.kept.pop(endpoint_id, None)
        self.claims.pop(endpoint_id, None)
        self.sent = {key: each for key, each in self.sent.items() if key[0] != endpoint_id}

    def give_up_due(self, endpoint_id: str, now: datetime) -> int:
        found = [each for each in self._of(endpoint_id) if each.state is DeliveryState.DUE]
        self._write(given_up(each, Failure.DISABLED, now) for each in found)
        return len(found)

    def queue(self, events: Sequence[Queued], deliveries: Sequence[Delivery]) -> None:
        for event in events:
            self.events.setdefault(event.id, event)
        for each in deliveries:
            self.sent.setdefault((each.endpoint_id, each.event_id), each)

    def ready(self, now: datetime, busy: Collection[str], limit: int) -> list[Endpoint]:
        found = [each for each in self.kept.values() if each.id not in busy and self._open(each, now)]
        found = [each for each in found if self._due(each.id, now)]
        found.sort(key=lambda each: (each.failures > 0, self.last_visit.get(each.id, each.created_at), each.id))
        return found[:limit]

    def begin_visit(self, endpoint_id: str, claim: str, now: datetime, until: datetime, limit: int) -> Visit | None:
        endpoint = self.kept.get(endpoint_id)
        due = [each for each in self._due(endpoint_id, now) if each.event_id in self.events]
        if endpoint is None or not due or not self._open(endpoint, now):
            return None
        self.claims[endpoint_id] = claim, until
        self.last_visit[endpoint_id] = until
        return Visit(claim, endpoint, [(each, self.events[each.event_id].body) for each in due[:limit]])

    def visited(self, endpoint_id: str, claim: str) -> Endpoint | None:
        held = self.claims.get(endpoint_id)
        return self.kept.get(endpoint_id) if held and held[0] == claim else None

    def end_visit(self, endpoint: Endpoint, deliveries: Sequence[Delivery]) -> None:
        self.kept[endpoint.id] = endpoint
        self.claims.pop(endpoint.id, None)
        keys = ((each.endpoint_id, each.event_id) for each in deliveries)
        still = {key for key in keys if key in self.sent and self.sent[key].state is DeliveryState.DUE}
        self._write(each for each in deliveries if (each.endpoint_id, each.event_id) in still)

    def interrupted(self) -> int:
        count = len(self.claims)
        self.claims.clear()
        return count

    def deliveries(
        self, endpoint_id: str, state: DeliveryState, limit: int, before: tuple[datetime, str] | None = None
    ) -> list[Delivery]:
        found = [each for each in self._of(endpoint_id) if each.state is state]
        found.sort(key=lambda each: (each.queued_at, each.event_id), reverse=True)
        return [each for each in found if before is None or (each.queued_at, each.event_id) < before][:limit]

    def replay_one(self, endpoint_id: str, event_id: str, now: datetime) -> bool:
        found = self.sent.get((endpoint_id, event_id))
        if found:
            self._write([_anew(found, now)])
        return found is not None

    def replay_since(self, endpoint_id: str, since: datetime, states: Collection[DeliveryState], now: datetime) -> int:
        found = [each for each in self._of(endpoint_id) if each.state in states and each.queued_at >= since]
        self._write(_anew(each, now) for each in found)
        return len(found)

    def untold(self) -> list[Endpoint]:
        return [each for each in self.kept.values() if not each.active and each.told_at is None]

    def forget(self, delivered_before: datetime, failed_before: datetime, limit: int) -> int:
        ends = {DeliveryState.DELIVERED: delivered_before, DeliveryState.FAILED: failed_before}
        old = [
            key
            for key, each in self.sent.items()
            if each.finished_at and each.state in ends and each.finished_at < ends[each.state]
        ][:limit]
        old += [key for key, each in self.sent.items() if each.state is DeliveryState.DUE and key[0] not in self.kept]
        for key in old:
            del self.sent[key]
        used = {key[1] for key in self.sent}
        self.events = {
            each.id: each for each in self.events.values() if each.id in used or each.queued_at >= delivered_before
        }
        return len(old)

    def standing(self) -> Standing:
        due = [each for each in self.sent.values() if each.state is DeliveryState.DUE]
        due = [each for each in due if each.endpoint_id in self.kept and self.kept[each.endpoint_id].active]
        return Standing(
            active=sum(each.active for each in self.kept.values()),
            disabled=sum(not each.active for each in self.kept.values()),
            due=len(due),
            failed=sum(each.state is DeliveryState.FAILED for each in self.sent.values()),
            oldest_due=min((each.not_before for each in due), default=None),
        )

    def sealed(self, after: str, limit: int) -> list[tuple[str, str]]:
        return [(each, self.kept[each].sealed) for each in sorted(self.kept) if each > after][:limit]

    def reseal(self, changes: Sequence[tuple[str, str, str]]) -> None:
        for which, old, new in changes:
            endpoint = self.kept.get(which)
            if endpoint and endpoint.sealed == old:
                self.kept[which] = replace(endpoint, sealed=new)

    def _of(self, endpoint_id: str) -> list[Delivery]:
        return [each for key, each in self.sent.items() if key[0] == endpoint_id]

    def _due(self, endpoint_id: str, now: datetime) -> list[Delivery]:
        due = [each for each in self._of(endpoint_id) if each.state is DeliveryState.DUE and each.not_before <= now]
        return sorted(due, key=lambda each: each.event_id)

    def _open(self, endpoint: Endpoint, now: datetime) -> bool:
        claim = self.claims.get(endpoint.id)
        rested = endpoint.rest_until is None or endpoint.rest_until <= now
        return endpoint.active and rested and (claim is None or claim[1] <= now)

    def _write(self, deliveries: Iterable[Delivery]) -> None:
        for each in deliveries:
            self.sent[each.endpoint_id, each.event_id] = each


def _anew(delivery: Delivery, now: datetime) -> Delivery:
    fresh = replace(delivery, state=DeliveryState.DUE, not_before=now, attempts=0)
    return replace(fresh, failure=None, result=None, finished_at=None)
