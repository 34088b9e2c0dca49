"""A connection to the broker with every wait bounded, over py-amqp."""

import contextlib
import socket
from collections.abc import Callable
from typing import Any

import amqp
from amqp.exceptions import AMQPError

from concord_bus.adapters.amqp.frames import FrameReader
from concord_bus.adapters.amqp.inbound import FrameHandler
from concord_bus.config import BrokerAddress

CONNECT_SECONDS = 5.0
WRITE_SECONDS = 5.0
HEARTBEAT_SECONDS = 10

LOST = (AMQPError, OSError)
"""What a broken connection raises. Remedy: abort it, connect again."""


def connect(address: BrokerAddress, name: str, on_blocked: Callable[[bool], None] | None = None) -> Any:
    """An open connection, called `name` in the broker's management pages. Raises one of LOST.

    `on_blocked` hears True when the broker stops taking messages (memory or disk alarm), False when it goes on.
    """
    heard = on_blocked or (lambda blocked: None)
    connection = amqp.Connection(
        host=f"{address.host}:{address.port}",
        userid=address.user,
        password=address.password,
        virtual_host=address.vhost,
        connect_timeout=CONNECT_SECONDS,
        heartbeat=HEARTBEAT_SECONDS,
        client_properties={"connection_name": name, "product": "concord"},
        on_blocked=lambda reason: heard(True),
        on_unblocked=lambda: heard(False),
        frame_handler=FrameHandler,
    )
    try:
        connection.connect()
    except BaseException:
        abort(connection)
        raise
    # Green sockets ignore SO_SNDTIMEO: without this a write to a frozen broker never returns.
    connection.transport.sock.settimeout(WRITE_SECONDS)
    connection.transport.read_frame = FrameReader(connection.transport).read_frame
    return connection


def abort(connection: Any) -> None:
    """End a connection at once, without the closing handshake: on a frozen broker that would hang.

    Whoever waits on its socket is woken by an error.
    """
    if connection.connected:
        with contextlib.suppress(Exception):
            connection.transport.sock.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(Exception):
        connection.collect()


def close(connection: Any, seconds: float = 2.0) -> None:
    """Close politely within `seconds`, else abort."""
    with contextlib.suppress(*LOST):
        connection.transport.sock.settimeout(seconds)
        connection.close()
    abort(connection)


def drain(connection: Any, seconds: float) -> bool:
    """Handle one thing the broker sent, waiting at most `seconds`; whether there was one. Raises one of LOST."""
    try:
        connection.drain_events(timeout=max(seconds, 0.001))
    except TimeoutError as nothing_came:
        # eventlet's wait holds the error it raises: a ring that would keep our callers' batches until Python looks
        nothing_came.__traceback__ = None
        return False
    return True


def drain_all(connection: Any, seconds: float) -> None:
    """Handle all that has arrived; wait at most `seconds` for the first.

    What is here already needs no timeout, which py-amqp sets and resets on the socket for every frame.
    """
    if drain(connection, seconds):
        reader: FrameReader = connection.transport.read_frame.__self__
        handle = connection.on_inbound_frame
        while frame := reader.frame_at_hand():
            handle(frame)
