"""One channel that consumes one queue or stream and acknowledges the settled messages.

A message that ends the process comes again, together with all that the process held. So a consumer of a queue begins
with one message at a time, until the first that nobody had before. Then the broker counts only the deadly one against
its limit of redeliveries.
"""

import threading
from collections import deque
from collections.abc import Callable
from typing import Any

from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

from concord_client.broker_errors import Interrupted
from concord_client.delivery import Delivery


class Acknowledgements:
    """Chooses the acknowledgements of one channel: one for a whole run of messages where possible. Not thread-safe."""

    def __init__(self) -> None:
        self._delivered: deque[int] = deque()
        self._sent_alone: set[int] = set()

    def delivered(self, tag: int) -> None:
        self._delivered.append(tag)

    def settled(self, tags: set[int]) -> tuple[int | None, list[int]]:
        """Return the acknowledgements for settled messages.

        The first value is the tag up to which all messages are settled, if it rose. The second value lists the tags
        to acknowledge one by one.
        """
        up_to = None
        while self._delivered and (self._delivered[0] in tags or self._delivered[0] in self._sent_alone):
            tag = self._delivered.popleft()
            if tag in tags:
                tags.discard(tag)
                up_to = tag
            self._sent_alone.discard(tag)
        self._sent_alone |= tags
        return up_to, sorted(tags)

    def first_open(self) -> int | None:
        """Return the oldest unsettled delivery."""
        return self._delivered[0] if self._delivered else None


class ChannelConsumer:
    """Only the connection's thread uses it, except for `settle`."""

    def __init__(
        self, channel: BlockingChannel, generation: int, put: Callable[[Delivery], None], on_cancel: Any
    ) -> None:
        self.channel = channel
        self._generation = generation
        self._put = put
        self._acks = Acknowledgements()
        self._settled: set[int] = set()
        self._lock = threading.Lock()
        self._offsets: dict[int, int] = {}
        self.next_offset: int | None = None
        self._queue = ""
        self._tag = ""
        self._prefetch = 1
        self._is_careful = self._is_first_fresh = False
        channel.add_on_cancel_callback(on_cancel)

    def consume(self, queue: str, prefetch: int) -> None:
        """Begin with a prefetch of 1; `widen` sets `prefetch` after the first message that is no redelivery."""
        self._queue, self._prefetch = queue, prefetch
        self._is_careful = prefetch > 1
        self._begin(1)

    def widen(self) -> None:
        """Take the whole prefetch once a new message has come: the redelivered ones are through.

        That message is still unacknowledged, so the broker has sent no other one that the change could return.
        """
        if self._is_careful and self._is_first_fresh and self.channel.is_open:
            self._is_careful = False
            self.channel.basic_cancel(self._tag)
            self._begin(self._prefetch)

    def _begin(self, prefetch: int) -> None:
        self.channel.basic_qos(prefetch_count=prefetch)
        self._tag = self.channel.basic_consume(self._queue, self._live)

    def consume_stream(self, stream: str, prefetch: int, offset: object) -> None:
        self.channel.basic_qos(prefetch_count=prefetch)
        self.channel.basic_consume(stream, self._replayed, arguments={"x-stream-offset": offset})

    def _live(self, _channel: object, method: Any, properties: Any, body: bytes) -> None:
        tag = method.delivery_tag
        self._acks.delivered(tag)
        self._is_first_fresh = self._is_first_fresh or not method.redelivered
        headers, exchange = properties.headers or {}, method.exchange
        self._put(Delivery(body, method.routing_key, headers, tag, self._generation, False, exchange))

    def _replayed(self, _channel: object, method: Any, properties: Any, body: bytes) -> None:
        tag = method.delivery_tag
        delivery = Delivery(body, method.routing_key, properties.headers or {}, tag, self._generation, True)
        self._acks.delivered(tag)
        self._offsets[tag] = delivery.offset
        self.next_offset = delivery.offset + 1
        self._put(delivery)

    def settle(self, tag: int) -> bool:
        """Note the tag; return whether it is the first of those that `flush` will acknowledge. From any thread."""
        with self._lock:
            self._settled.add(tag)
            return len(self._settled) == 1

    def flush(self) -> None:
        """Acknowledge the settled messages."""
        with self._lock:
            settled, self._settled = self._settled, set()
        if not settled or not self.channel.is_open:
            return
        for tag in settled:
            self._offsets.pop(tag, None)
        up_to, alone = self._acks.settled(settled)
        if up_to is not None:
            self.channel.basic_ack(up_to, multiple=True)
        for tag in alone:
            self.channel.basic_ack(tag)

    def raise_if_closed(self) -> None:
        """Raise the broker's reason if it has closed the channel, which pika tells nobody who only waits."""
        if not self.channel.is_open:
            closed = getattr(self.channel, "_closing_reason", None)
            raise closed if isinstance(closed, AMQPError) else Interrupted("the broker closed the channel")

    def resume_offset(self) -> int | None:
        """Return the offset at which a replay resumes on another channel: that of the first unsettled message."""
        first = self._acks.first_open()
        return self.next_offset if first is None else self._offsets.get(first, self.next_offset)
