"""Receives deliveries of several queues over one channel, with a prefetch window that narrows for redelivered
messages."""

from collections import deque
from collections.abc import Sequence
from itertools import count
from time import monotonic

from concord_bus.adapters.amqp.connection import abort, close, connect, drain, drain_all
from concord_bus.adapters.amqp.delivery_decoder import Arrival
from concord_bus.domain.delivery import Delivery
from concord_bus.settings import BrokerAddress


class ConsumerCancelled(OSError):
    """The broker cancelled a consumer, as it does for a deleted queue. Remedy: connect again."""


class BatchReceiver:
    """One consuming connection.

    Each queue begins with a prefetch of 1 and widens with the first new message. The broker therefore redelivers a
    message that kills the process alone, without innocent ones. A redelivered message narrows the window again.
    """

    def __init__(self, address: BrokerAddress, name: str, queues: Sequence[str], prefetch: int) -> None:
        """Connect and consume. Raises one of `connection.LOST`, or amqp.NotFound for a missing queue."""
        self._connection = connect(address, name)
        self._queues = tuple(queues)
        self._prefetch = prefetch
        self._buffer: deque[tuple[int, Delivery]] = deque()
        self._narrowed: dict[str, bool] = {}
        self._tags: dict[str, str] = {}
        self._queue_of: dict[str, str] = {}  # by consumer tag
        self._numbers = count(1)
        self._cancelled = False
        self._connection.on_inbound_frame.deliver = self._received
        try:
            self._channel = self._connection.channel()
            for queue in queues:
                self._consume(queue, narrowed=True)
        except BaseException:
            abort(self._connection)
            raise

    def batch(self, size: int, seconds: float, first_within: float) -> tuple[int, list[Delivery]]:
        """Return up to `size` deliveries, with the tag of the last one (0 without any).

        Waits at most `first_within` seconds for the first, then at most `seconds` for more. Raises one of LOST.
        """
        if not self._buffer:
            drain_all(self._connection, first_within)
        if self._buffer and len(self._buffer) < size and not self._narrow:
            self._gather(size, seconds)
        self._check_connection()
        taken = [self._buffer.popleft() for _ in range(min(size, len(self._buffer)))]
        return (taken[-1][0] if taken else 0), [delivery for _, delivery in taken]

    def listen(self, seconds: float) -> None:
        """Keep the connection alive while a worker handles a batch. Raises one of LOST."""
        drain(self._connection, seconds)
        self._check_connection()

    def ack(self, tag: int) -> None:
        """Acknowledge all deliveries up to `tag`."""
        self._channel.basic_ack(tag, multiple=True)

    def adapt(self, handled: Sequence[Delivery]) -> None:
        """Narrow or widen the window of each queue after a batch, before its ack.

        Before the ack the window is full, so no message is on its way. The broker returns a message that it sends to a
        cancelled consumer, and counts that as a redelivery.
        """
        seen: dict[str, bool] = {}
        for delivery in handled:
            seen[delivery.queue] = seen.get(delivery.queue, False) or delivery.redelivered
        for queue, redelivered in seen.items():
            if redelivered != self._narrowed[queue]:
                self._channel.basic_cancel(self._tags[queue])
                del self._queue_of[self._tags[queue]]
                self._consume(queue, narrowed=redelivered)

    def cancel(self) -> None:
        """Stop receiving. Unacknowledged messages return to their queues when the connection closes."""
        for tag in self._tags.values():
            self._channel.basic_cancel(tag)
        self._buffer.clear()

    def close(self) -> None:
        close(self._connection)

    def abort(self) -> None:
        abort(self._connection)

    @property
    def _narrow(self) -> bool:
        return all(self._narrowed.values())

    def _gather(self, size: int, seconds: float) -> None:
        until = monotonic() + seconds
        while len(self._buffer) < size and (left := until - monotonic()) > 0:
            drain_all(self._connection, left)

    def _check_connection(self) -> None:
        self._connection.heartbeat_tick()
        if self._cancelled:
            raise ConsumerCancelled("the broker cancelled a consumer")

    def _consume(self, queue: str, *, narrowed: bool) -> None:
        self._narrowed[queue] = narrowed
        self._channel.basic_qos(0, 1 if narrowed else self._prefetch, False)
        tag = f"{queue}-{next(self._numbers)}"
        self._queue_of[tag] = queue
        self._tags[queue] = self._channel.basic_consume(queue, tag, on_cancel=self._on_cancel)

    def _on_cancel(self, _tag: str) -> None:
        self._cancelled = True

    def _received(self, arrival: Arrival) -> None:
        properties = arrival.properties
        headers = properties.pop("application_headers", None) or {}
        delivery = Delivery(
            self._queue_of[arrival.consumer],
            arrival.exchange,
            arrival.routing_key,
            arrival.body,
            headers,
            properties,
            arrival.redelivered or bool(headers.get("x-delivery-count")),
        )
        self._buffer.append((arrival.tag, delivery))
