"""A subscriber for your own tests: no broker, no waiting; you feed it events and see what became of them."""

import json
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from concord_client.connection import Source
from concord_client.dead_letters import DeadLetter
from concord_client.deduplication import SeenIds
from concord_client.delivery import Delivery, Item, Stopped
from concord_client.retry import Retry
from concord_client.subscriber import Inbox, Subscriber

A_TIME = "2026-03-02T12:00:00Z"


class FakeSubscriber(Subscriber):
    """Hands out what it was fed, then stops. Delays of retries pass at once, on a clock of its own.

    `acknowledged` are the ids whose message the broker would have been told of, `dead_lettered` the letters;
    with `dead_letter` they go to that function as well, and when it raises are not acknowledged.
    """

    def __init__(
        self,
        *,
        retry: Retry | None = None,
        seen: SeenIds | None = None,
        dead_letter: Callable[[DeadLetter], None] | None = None,
    ) -> None:
        self.acknowledged: list[str | None] = []
        self.dead_lettered: list[DeadLetter] = []
        self._also = dead_letter
        self._dead_letter = self._keep
        self._on_reconnect = None
        self._fed = 0
        source = Source("fake", (), "", 1, False, None)
        self._begin(lambda put: FakeConnection(self.acknowledged), FakeInbox(), source, retry or Retry(), 100_000, seen)

    def feed(self, type_name: str, data: Mapping[str, Any], *, event_id: str | None = None, time: str = A_TIME) -> str:
        """An event of this type with this data, whose `concern_id` is its concern; its id."""
        self._fed += 1
        made = event_id or f"event-{self._fed}"
        concern = str(data.get("concern_id", f"concern-{self._fed}"))
        envelope = {
            "specversion": "1.0",
            "id": made,
            "type": type_name,
            "source": "/concord/fake",
            "time": time,
            "partitionkey": concern,
            "sequence": f"{self._fed:010d}",
            "correlationid": made,
            "datacontenttype": "application/json",
            "data": {"concern_id": concern, **data},
        }
        key = f"{type_name}.{data.get('area') or '_'}.{data.get('category') or '_'}"
        self.feed_raw(json.dumps(envelope).encode(), key)
        return made

    def feed_raw(self, body: bytes, routing_key: str = "concern.routed.v1._._") -> None:
        """A message byte for byte, such as one that cannot be read."""
        self._inbox.put(Delivery(body, routing_key, {}, self._fed, 0))

    def _keep(self, letter: DeadLetter) -> None:
        if self._also is not None:
            self._also(letter)
        self.dead_lettered.append(letter)


class FakeInbox(Inbox):
    """A clock that goes on when it is waited for, and items that end."""

    def __init__(self) -> None:
        self._fed: deque[Item] = deque()
        self._now = 0.0

    def put(self, item: Item) -> None:
        self._fed.append(item)

    def now(self) -> float:
        return self._now

    def get(self, seconds: float | None) -> Item | None:
        if self._fed:
            return self._fed.popleft()
        if seconds is None:
            return Stopped()
        self._now += seconds
        return None


class FakeConnection:
    """Notes what is acknowledged: the id, or None for a message without a readable one."""

    generation = 0

    def __init__(self, acknowledged: list[str | None]) -> None:
        self._acknowledged = acknowledged

    def settle(self, delivery: Delivery) -> None:
        try:
            found = json.loads(delivery.body)["id"]
        except (ValueError, KeyError, TypeError):
            found = None
        self._acknowledged.append(found)

    def start(self) -> None:
        """Nothing to connect to."""

    def end_replay(self) -> None:
        """Nothing is replayed."""

    def stop(self) -> None:
        """Nothing to close."""
