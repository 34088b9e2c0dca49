"""A connection to the broker with every wait bounded, over py-amqp."""

import contextlib
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from time import monotonic
from typing import Any

import amqp
from amqp.exceptions import AMQPError, RecoverableConnectionError

from concord_bus.adapters.amqp.delivery_decoder import FrameHandler
from concord_bus.adapters.amqp.frames import FrameReader
from concord_bus.settings import BrokerAddress

CONNECT_SECONDS = 5.0
WRITE_SECONDS = 5.0
ANSWER_SECONDS = 5.0
"""The maximum wait for a response of the broker: to opening a channel, consuming, binding and every other request.

Heartbeats do not count. A live broker may open no channel, as while another node of its cluster hangs. A healthy one
responds in milliseconds, and a service that stops must not wait longer than this.
"""
HEARTBEAT_SECONDS = 10

LOST = (AMQPError, OSError)
"""The errors of a broken connection. Remedy: abort it, connect again."""


class NoAnswer(OSError):
    """The broker is alive but does not respond. One of LOST."""


class _BoundedWait:
    """Waits ANSWER_SECONDS for a response. py-amqp itself waits as long as anything arrives, even heartbeats."""

    connection: Any

    def wait(self, *arguments: Any, **named: Any) -> Any:
        if self.connection is None:
            raise RecoverableConnectionError("connection already closed")
        with within(self.connection, ANSWER_SECONDS):
            return super().wait(*arguments, **named)  # type: ignore[misc]


class _Channel(_BoundedWait, amqp.Channel):  # type: ignore[misc]
    pass


class _Connection(_BoundedWait, amqp.Connection):  # type: ignore[misc]
    Channel = _Channel
    answer_by = inf

    def blocking_read(self, timeout: float | None = None) -> Any:
        if self.answer_by == inf:
            return super().blocking_read(timeout)
        left = self.answer_by - monotonic()
        if left <= 0:
            raise NoAnswer("the broker does not respond")
        try:
            return super().blocking_read(left if timeout is None else min(timeout, left))
        except TimeoutError as late:
            if monotonic() < self.answer_by:
                raise
            raise NoAnswer("the broker does not respond") from late


@contextmanager
def within(connection: Any, seconds: float) -> Iterator[None]:
    """Raise NoAnswer when the responses awaited inside take longer than `seconds` in all."""
    before = connection.answer_by
    connection.answer_by = min(before, monotonic() + seconds)
    try:
        yield
    finally:
        connection.answer_by = before


def connect(address: BrokerAddress, name: str, on_blocked: Callable[[bool], None] = lambda blocked: None) -> Any:
    """Return an open connection, called `name` in the broker's management pages. Raises one of LOST.

    The connection calls `on_blocked` with True when the broker stops taking messages (memory or disk alarm), and with
    False when it continues.
    """
    connection = _Connection(
        host=f"{address.host}:{address.port}",
        userid=address.user,
        password=address.password,
        virtual_host=address.vhost,
        connect_timeout=CONNECT_SECONDS,
        heartbeat=HEARTBEAT_SECONDS,
        client_properties={"connection_name": name, "product": "concord"},
        on_blocked=lambda reason: on_blocked(True),
        on_unblocked=lambda: on_blocked(False),
        frame_handler=FrameHandler,
    )
    try:
        with within(connection, CONNECT_SECONDS + ANSWER_SECONDS):
            connection.connect()
    except BaseException:
        abort(connection)
        raise
    # Green sockets ignore SO_SNDTIMEO: without this a write to a frozen broker never returns.
    connection.transport.sock.settimeout(WRITE_SECONDS)
    connection.transport.read_frame = FrameReader(connection.transport).read_frame
    return connection


def abort(connection: Any) -> None:
    """Close a connection at once, without the closing handshake: it would hang on a frozen broker.

    An error wakes every thread that waits on its socket.
    """
    if connection.connected:
        with contextlib.suppress(Exception):
            connection.transport.sock.shutdown(socket.SHUT_RDWR)
    with contextlib.suppress(Exception):
        connection.collect()


def close(connection: Any, seconds: float = 2.0) -> None:
    """Close with a handshake within `seconds`, else abort."""
    with contextlib.suppress(*LOST), within(connection, seconds):
        connection.transport.sock.settimeout(seconds)
        connection.close()
    abort(connection)


def drain(connection: Any, seconds: float) -> bool:
    """Handle one frame, after waiting at most `seconds`, and return whether one arrived. Raises one of LOST."""
    try:
        connection.drain_events(timeout=max(seconds, 0.001))
    except TimeoutError as nothing_came:
        # eventlet's wait holds the error it raises: a reference cycle that would keep the callers' batches alive
        nothing_came.__traceback__ = None
        return False
    return True


def drain_all(connection: Any, seconds: float) -> None:
    """Handle all frames that have arrived, after waiting at most `seconds` for the first.

    Buffered frames need no timeout, which py-amqp would set and reset on the socket for every frame.
    """
    if drain(connection, seconds):
        reader: FrameReader = connection.transport.read_frame.__self__
        handle = connection.on_inbound_frame
        while frame := reader.buffered_frame():
            handle(frame)
