"""One channel that consumes one queue or stream, and acknowledges what was settled."""

import threading
from collections.abc import Callable
from typing import Any

from pika.adapters.blocking_connection import BlockingChannel

from concord_client.acks import Acknowledgements
from concord_client.delivery import Delivery


class Consuming:
    """Used by the connection's thread alone, but for `settle`."""

    def __init__(self, channel: BlockingChannel, generation: int, put: Callable[[Delivery], None], lost: Any) -> None:
        self.channel = channel
        self._generation = generation
        self._put = put
        self._acks = Acknowledgements()
        self._settled: set[int] = set()
        self._lock = threading.Lock()
        self._offsets: dict[int, int] = {}
        self.next_offset: int | None = None
        channel.add_on_cancel_callback(lost)

    def consume(self, queue: str, prefetch: int) -> None:
        self.channel.basic_qos(prefetch_count=prefetch)
        self.channel.basic_consume(queue, self._live)

    def consume_stream(self, stream: str, prefetch: int, offset: object) -> None:
        self.channel.basic_qos(prefetch_count=prefetch)
        self.channel.basic_consume(stream, self._replayed, arguments={"x-stream-offset": offset})

    def _live(self, _channel: object, method: Any, properties: Any, body: bytes) -> None:
        tag = method.delivery_tag
        self._acks.delivered(tag)
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
        """Note the tag; whether it is the first of those that `flush` will acknowledge. From any thread."""
        with self._lock:
            self._settled.add(tag)
            return len(self._settled) == 1

    def flush(self) -> None:
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

    def resume_offset(self) -> int | None:
        """Where a replay goes on after this channel is lost: at the first message that was not settled."""
        first = self._acks.first_open()
        return self.next_offset if first is None else self._offsets.get(first, self.next_offset)
