"""AMQP connections of the commands: their parameters, and the reason when one fails."""

from typing import Any

import pika
from pika.exceptions import ChannelClosedByBroker, ConnectionClosedByBroker

from concord_bus.settings import BrokerAddress

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
