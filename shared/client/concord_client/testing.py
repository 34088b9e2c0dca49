"""A subscriber for your own tests, without broker and waiting: you feed it events and check the results."""

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
    """Yields the events that you feed it, then stops. It has its own clock, so retries do not wait.

    `acknowledged` lists the ids of acknowledged events, `dead_lettered` the dead letters. The function `dead_letter`
    gets each dead letter too; when it raises, the subscriber does not acknowledge the letter.
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
        self._sink = dead_letter
        self._dead_letter = self._store_letter
        self._on_reconnect = None
        self._fed = 0
        source = Source("fake", (), "", 1, False, None)
        self._begin(lambda put: FakeConnection(self.acknowledged), FakeInbox(), source, retry or Retry(), 100_000, seen)

    def feed(self, type_name: str, data: Mapping[str, Any], *, event_id: str | None = None, time: str = A_TIME) -> str:
        """Add an event with this type and data, and return its id. `concern_id` in the data is its concern."""
        self._fed += 1
        new_id = event_id or f"event-{self._fed}"
        concern = str(data.get("concern_id", f"concern-{self._fed}"))
        envelope = {
            "specversion": "1.0",
            "id": new_id,
            "type": type_name,
            "source": "/concord/fake",
            "time": time,
            "partitionkey": concern,
            "sequence": f"{self._fed:010d}",
            "correlationid": new_id,
            "datacontenttype": "application/json",
            "data": {"concern_id": concern, **data},
        }
        key = f"{type_name}.{data.get('area') or '_'}.{data.get('category') or '_'}"
        self.feed_raw(json.dumps(envelope).encode(), key)
        return new_id

    def feed_raw(self, body: bytes, routing_key: str = "concern.routed.v1._._") -> None:
        """Add a message with exactly these bytes, such as an unreadable one."""
        self._inbox.put(Delivery(body, routing_key, {}, self._fed, 0))

    def _store_letter(self, letter: DeadLetter) -> None:
        if self._sink is not None:
            self._sink(letter)
        self.dead_lettered.append(letter)


class FakeInbox(Inbox):
    """Has a clock that advances at each wait, and ends after the last item."""

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
    """Lists the acknowledged ids: None for a message without a readable id."""

    generation = 0

    def __init__(self, acknowledged: list[str | None]) -> None:
        self._acknowledged = acknowledged

    def settle(self, delivery: Delivery) -> None:
        try:
            event_id = json.loads(delivery.body)["id"]
        except (ValueError, KeyError, TypeError):
            event_id = None
        self._acknowledged.append(event_id)

    def start(self) -> None:
        """Do nothing: there is no broker."""

    def end_replay(self) -> None:
        """Do nothing: there is no replay."""

    def stop(self) -> None:
        """Do nothing: there is no connection."""
