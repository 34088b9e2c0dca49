"""Stand-ins for RabbitMQ and for the mail server, within the process."""

from collections import defaultdict, deque
from collections.abc import Sequence
from typing import Any

import eventlet
from eventlet.green import socket

from concord_bus.domain.delivery import Delivery
from concord_bus.domain.stored_messages import Outgoing
from concord_bus.log_gate import MarkerOutcome
from concord_bus.relay import PublishOutcome, PublishReport
from concord_bus.topology.declarations import SERVICES
from concord_contracts import CONTENT_TYPE

CONFIRM_SECONDS = 0.01


class Broker:
    """Puts each message into the queues that the topology binds for its type."""

    def __init__(self) -> None:
        self._queues: dict[str, deque[Delivery]] = defaultdict(deque)
        self.published = 0
        self.acknowledged = 0

    def route(self, row: Outgoing) -> None:
        """Deliver one message to every queue with a matching binding."""
        self.published += 1
        for service in SERVICES.values():
            for queue in service.queues:
                if queue.exchange == row.exchange and any(_matches(key, row.routing_key) for key in queue.keys):
                    self._queues[queue.name].append(_delivery(queue.name, row))

    def take(self, queues: Sequence[str]) -> list[Delivery]:
        """Remove and return all messages of some queues."""
        taken = [delivery for queue in queues for delivery in self._queues[queue]]
        for queue in queues:
            self._queues[queue].clear()
        return taken

    def publisher(self, *_: Any) -> "MemoryPublisher":
        return MemoryPublisher(self)

    def receiver(self, *connection: Any) -> "MemoryReceiver":
        _, _, queues, _ = connection
        return MemoryReceiver(self, self.take(queues))


class MemoryPublisher:
    """Takes the place of `ConfirmingPublisher`: it confirms every message."""

    blocked = False
    silent_seconds = 0.0

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self._reports: list[PublishReport] = []

    def send_marker(self, sender: str) -> MarkerOutcome:
        return MarkerOutcome.WRITTEN

    def send(self, rows: Sequence[Outgoing]) -> None:
        for row in rows:
            self._broker.route(row)
            self._reports.append(PublishReport(row.seq, PublishOutcome.CONFIRMED))

    def reports(self, seconds: float) -> list[PublishReport]:
        eventlet.sleep(min(seconds, CONFIRM_SECONDS))
        taken, self._reports = self._reports, []
        return taken

    def close(self) -> None:
        """Nothing to close."""

    abort = close


class MemoryReceiver:
    """Takes the place of `BatchReceiver`: it has one batch."""

    buffered = 0

    def __init__(self, broker: Broker, deliveries: list[Delivery]) -> None:
        self._broker = broker
        self._deliveries = deliveries

    def batch(self, *_: Any) -> tuple[int, list[Delivery]]:
        eventlet.sleep(CONFIRM_SECONDS)
        taken, self._deliveries = self._deliveries, []
        return len(taken), taken

    def listen(self, seconds: float) -> None:
        eventlet.sleep(seconds)

    def ack(self, tag: int) -> None:
        self._broker.acknowledged += tag

    def adapt(self, *_: Any) -> None:
        """Nothing to do without a broker."""

    cancel = close = abort = adapt


class MailServer:
    """An SMTP server that keeps the mails it receives as text."""

    def __init__(self) -> None:
        self.mails: list[str] = []
        listener = eventlet.listen(("127.0.0.1", 0), socket.AF_INET)
        self.port: int = listener.getsockname()[1]
        eventlet.spawn(eventlet.serve, listener, self._serve)

    def _serve(self, connection: Any, _: Any) -> None:
        lines = connection.makefile("rb")
        connection.sendall(b"220 walk\r\n")
        while line := lines.readline():
            command = line[:4].upper()
            if command == b"DATA":
                connection.sendall(b"354 go on\r\n")
                self.mails.append(b"".join(iter(lines.readline, b".\r\n")).decode())
            connection.sendall(b"250 done\r\n")
            if command == b"QUIT":
                return


def _matches(key: str, routing_key: str) -> bool:
    """Return whether a binding of the form `TYPE.#` matches."""
    return routing_key.startswith(key.removesuffix("#"))


def _delivery(queue: str, row: Outgoing) -> Delivery:
    return Delivery(queue, row.exchange, row.routing_key, row.body, {}, {"content_type": CONTENT_TYPE})
