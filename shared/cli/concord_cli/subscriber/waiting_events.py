"""Removal of waiting events from a subscriber's queue, when a narrower grant takes them away."""

import time
from contextlib import suppress
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel

from concord_bus.settings import BrokerAddress
from concord_bus.topology.grants import Grant
from concord_cli.common.broker_connection import LOST, connection_parameters, failure_reason

NAME = "concord subscriber"
TAG = "check"
PREFETCH = 60_000
"""Messages that one consumer may hold. A further consumer takes the next ones."""
QUIET_SECONDS = 0.5
"""Silence that ends the reading. Messages of an ended connection may come back a moment later."""
LATE = 1_000
"""New messages to read beyond those that waited. The grant includes them, so the reading may end before."""


class SweepError(Exception):
    """An incomplete reading of the waiting events; the text says why and what to do."""


def drop_taken_away(address: BrokerAddress, grant: Grant) -> int:
    """Drop the waiting events that `grant` does not include, and return their number.

    No subscriber may consume meanwhile. The other events go back to their places. Raises SweepError.
    """
    try:
        connection = pika.BlockingConnection(connection_parameters(address, NAME, heartbeat=60))
        try:
            return sum(_Sweep(connection, grant, queue).run() for queue in grant.queue_names)
        finally:
            with suppress(*LOST):
                connection.close()
    except LOST as error:
        reason = failure_reason(error, address.host)
        raise SweepError(
            f"The broker is unavailable or refuses ({reason}), so events that wait are not checked yet: "
            f"{grant.name} may not connect. Run the command again."
        ) from error


class _Sweep:
    """Holds the granted messages of one queue unacknowledged, and acknowledges the others.

    Each consumer has a channel of its own, because a broker may limit the consumers of one.
    """

    def __init__(self, connection: pika.BlockingConnection, grant: Grant, queue: str) -> None:
        self._connection, self._grant, self._queue = connection, grant, queue
        self._channels: list[BlockingChannel] = []
        self._seen = self._held = self._dropped = 0

    def run(self) -> int:
        waiting = self._waiting()
        seen, quiet_since = 0, time.monotonic()
        while self._seen < waiting + LATE and time.monotonic() - quiet_since < QUIET_SECONDS:
            if self._held >= PREFETCH * len(self._channels):
                self._consume()
            self._connection.process_data_events(QUIET_SECONDS / 5)
            if self._seen != seen:
                seen, quiet_since = self._seen, time.monotonic()
        for channel in self._channels:
            channel.basic_cancel(TAG)
        for channel in self._channels:  # in the order in which they took the messages
            channel.basic_nack(0, multiple=True, requeue=True)
            channel.close()
        return self._dropped

    def _waiting(self) -> int:
        channel = self._connection.channel()
        count = int(channel.queue_declare(self._queue, passive=True).method.message_count)
        channel.close()
        return count

    def _consume(self) -> None:
        channel = self._connection.channel()
        channel.basic_qos(prefetch_count=PREFETCH)
        channel.basic_consume(self._queue, self._take, consumer_tag=TAG)
        self._channels.append(channel)

    def _take(self, channel: BlockingChannel, method: Any, _properties: object, _body: bytes) -> None:
        self._seen += 1
        if self._grant.allows(method.routing_key):
            self._held += 1
        else:
            channel.basic_ack(method.delivery_tag)
            self._dropped += 1
