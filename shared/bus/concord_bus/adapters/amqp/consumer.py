"""Receives deliveries of several queues over one channel, with a prefetch window that narrows for redelivered
messages."""

from collections import deque
from collections.abc import Mapping, Sequence
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

    Each queue begins with a window of one message and widens with the first new one. Redelivered messages narrow it to
    what may safely run together. The broker counts every delivery, so a message that kills the process takes few
    innocent ones along.
    """

    def __init__(self, address: BrokerAddress, name: str, queues: Sequence[str], prefetch: int) -> None:
        """Connect and consume. Raises one of `connection.LOST`, or amqp.NotFound for a missing queue."""
        self._connection = connect(address, name)
        self._queues = tuple(queues)
        self._prefetch = prefetch
        self._buffer: deque[tuple[int, Delivery]] = deque()
        self._windows: dict[str, int] = {}
        self._tags: dict[str, str] = {}
        self._queue_of: dict[str, str] = {}  # by consumer tag
        self._numbers = count(1)
        self._cancelled = False
        self._connection.on_inbound_frame.deliver = self._received
        try:
            self._channel = self._connection.channel()
            for queue in queues:
                self._consume(queue, 1)
        except BaseException:
            abort(self._connection)
            raise

    def batch(self, size: int, seconds: float, first_within: float) -> tuple[int, list[Delivery]]:
        """Return up to `size` deliveries, with the tag of the last one (0 without any).

        Waits at most `first_within` seconds for the first, then at most `seconds` for more. Raises one of LOST.
        """
        if not self._buffer:
            drain_all(self._connection, first_within)
        widest = max(self._windows.values())
        if self._buffer and widest > 1:
            self._gather(min(size, widest), seconds)
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

    def adapt(self, handled: Sequence[Delivery], windows: Mapping[str, int]) -> None:
        """Narrow or widen the window of each queue after a batch, before its ack.

        `windows` has the queues whose redelivered messages allow only so many. Before the ack the window is full, so no
        message is on its way. The broker returns a message that it sends to a cancelled consumer, and counts that as a
        redelivery.
        """
        for queue in dict.fromkeys(delivery.queue for delivery in handled):
            window = min(self._prefetch, windows.get(queue, self._prefetch))
            if window != self._windows[queue]:
                self._channel.basic_cancel(self._tags[queue])
                del self._queue_of[self._tags[queue]]
                self._consume(queue, window)

    @property
    def buffered(self) -> int:
        """The number of messages received and not yet in a batch."""
        return len(self._buffer)

    def cancel(self) -> None:
        """Stop receiving. Buffered messages stay for `batch`; those without an ack return at the end."""
        for tag in self._tags.values():
            self._channel.basic_cancel(tag)

    def close(self) -> None:
        close(self._connection)

    def abort(self) -> None:
        abort(self._connection)

    def _gather(self, size: int, seconds: float) -> None:
        until = monotonic() + seconds
        while len(self._buffer) < size and (left := until - monotonic()) > 0:
            drain_all(self._connection, left)

    def _check_connection(self) -> None:
        self._connection.heartbeat_tick()
        if self._cancelled:
            raise ConsumerCancelled("the broker cancelled a consumer")

    def _consume(self, queue: str, window: int) -> None:
        self._windows[queue] = window
        self._channel.basic_qos(0, window, False)
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
