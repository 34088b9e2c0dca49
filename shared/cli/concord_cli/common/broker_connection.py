"""AMQP connections of the commands."""

from collections import deque
from datetime import datetime
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel, BlockingConnection

from concord_bus.settings import BrokerAddress
from concord_bus.topology.declarations import LOG
from concord_client.broker_errors import (
    ANSWER_SECONDS,
    CONNECT_SECONDS,
    LOST,
    accepted,
    innermost,
    openssl_fault,
    reply,
)
from concord_client.broker_errors import failure_reason as client_reason
from concord_http.tls import fault_of, tls_fault

__all__ = ["ANSWER_SECONDS", "CONNECT_SECONDS", "LOST", "accepted", "connection_parameters", "failure_reason", "reply"]

OFFSET = "x-stream-offset"
LogMessage = tuple[Any, Any, bytes]
"""Method, properties and body."""


def connection_parameters(broker: BrokerAddress, name: str, **options: Any) -> pika.ConnectionParameters:
    """Return parameters for pika. The broker shows `name` in its list of connections; `options` are pika's own."""
    tls = None if broker.tls is None else pika.SSLOptions(broker.tls.context(), broker.host)
    return pika.ConnectionParameters(
        broker.host,
        broker.port,
        broker.vhost,
        pika.PlainCredentials(broker.user, broker.password),
        ssl_options=tls,
        socket_timeout=CONNECT_SECONDS,
        stack_timeout=ANSWER_SECONDS,
        client_properties={"connection_name": name},
        **options,
    )


def failure_reason(error: BaseException, host: str = "the host") -> str:
    """Return why there is no connection to the broker at `host`, in words. A fault of TLS has its remedy."""
    if fault := tls_fault(innermost(error), host):
        return fault
    words = openssl_fault(error)
    return fault_of(words) if words else client_reason(error)


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
