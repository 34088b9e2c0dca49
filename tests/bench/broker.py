"""One virtual host of the private node: what lies in its queues, and filling them beforehand."""

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from types import TracebackType
from typing import Self

import pika  # type: ignore[import-untyped]
from pika.exceptions import AMQPError  # type: ignore[import-untyped]

from concord_bus.topology.definitions import definitions
from concord_nodes import RabbitNode

PERSISTENT = 2
LOOK_SECONDS = 0.02


class Broker:
    """A virtual host of its own; leaving the block deletes it with all it holds."""

    def __init__(self, node: RabbitNode, name: str, passwords: dict[str, str] | None = None) -> None:
        """With `passwords` Concord's topology and logins are declared in it."""
        self._node = node
        self._passwords = passwords or {}
        self.name = name
        node.management.create_vhost(name)
        if passwords is not None:
            node.management.call("POST", "/api/definitions", definitions(passwords, name))
        self._connection = pika.BlockingConnection(pika.URLParameters(node.amqp_url(vhost=name)))
        self.channel = self._connection.channel()

    def url(self, user: str | None = None) -> str:
        """The address for a service's login, or for the administrator's."""
        return self._node.amqp_url(user, self._passwords[user] if user else None, self.name)

    def listen(self, queue: str, exchange: str, routing_key: str) -> None:
        """Declare a durable queue on a durable topic exchange, as stock nameko does for an event handler."""
        self.channel.exchange_declare(exchange, "topic", durable=True)
        self.channel.queue_declare(queue, durable=True)
        self.channel.queue_bind(queue, exchange, routing_key)

    def ready(self, queue: str) -> int:
        """Messages in a queue that nobody has been given."""
        return int(self.channel.queue_declare(queue, passive=True).method.message_count)

    def fill(self, queue: str, messages: Iterable[tuple[str, str, bytes]], content_type: str) -> int:
        """Publish messages given as exchange, routing key and body; returns their number when all lie in `queue`."""
        properties = pika.BasicProperties(content_type=content_type, delivery_mode=PERSISTENT)
        count = 0
        for exchange, routing_key, body in messages:
            self.channel.basic_publish(exchange, routing_key, body, properties)
            count += 1
        self.await_(lambda: self.ready(queue) >= count, 60)
        return count

    def await_(self, condition: Callable[[], bool], seconds: float) -> float:
        """The moment (monotonic seconds) when `condition` was first seen to hold. Raises TimeoutError."""
        deadline = time.monotonic() + seconds
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"not within {seconds:.0f} s")
            self._connection.sleep(LOOK_SECONDS)
        return time.monotonic()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(AMQPError):  # the broker may have started again meanwhile
            self._connection.close()
        self._node.management.delete_vhost(self.name)
