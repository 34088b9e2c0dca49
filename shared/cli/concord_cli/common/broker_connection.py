"""AMQP connections of the commands: their parameters, and the reason when one fails."""

from collections import deque
from datetime import datetime
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection
from pika.exceptions import ChannelClosedByBroker, ConnectionClosedByBroker

from concord_bus.settings import BrokerAddress
from concord_bus.topology.declarations import LOG

OFFSET = "x-stream-offset"
LogMessage = tuple[Any, Any, bytes]
"""Method, properties and body."""
CONNECT_SECONDS = 5
MAX_REASON_CHARACTERS = 200


def connection_parameters(broker: BrokerAddress, name: str, **options: Any) -> pika.ConnectionParameters:
    """Return parameters for pika. The broker shows `name` in its list of connections; `options` are pika's own."""
    return pika.ConnectionParameters(
        broker.host,
        broker.port,
        broker.vhost,
        pika.PlainCredentials(broker.user, broker.password),
        socket_timeout=CONNECT_SECONDS,
        stack_timeout=2 * CONNECT_SECONDS,
        client_properties={"connection_name": name},
        **options,
    )


def follow_log(
    connection: BlockingConnection, start: str | int | datetime, prefetch: int
) -> tuple[BlockingChannel, deque[LogMessage]]:
    """Subscribe to the stream of events from `start` on. Messages arrive while the connection processes its events.

    A subscription that the broker ends closes the channel.
    """
    channel, arrived = connection.channel(), deque[LogMessage]()
    channel.basic_qos(prefetch_count=prefetch)
    channel.add_on_cancel_callback(lambda _frame: channel.close())
    channel.basic_consume(LOG, lambda _channel, *message: arrived.append(message), arguments={OFFSET: start})
    return channel, arrived


def failure_reason(error: Exception) -> str:
    """Return the broker's or the system's own text: pika wraps it several times, or gives none."""
    if isinstance(error, ConnectionClosedByBroker | ChannelClosedByBroker):
        return str(error.reply_text)
    inner: Any = error
    while getattr(inner, "args", None) and isinstance(inner.args[0], BaseException):
        inner = inner.args[0]
    cause = getattr(inner, "exception", inner)
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return " ".join(str(cause).split())[:MAX_REASON_CHARACTERS] or type(error).__name__
