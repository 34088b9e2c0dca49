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
"""For how long the broker may owe an answer: to opening a channel, consuming, binding and every other question.

Its heartbeats do not count: a broker can live and open no channel, as while another node of its cluster is frozen. A
sound one answers in milliseconds, and a service that is to stop must not wait for the others longer than this.
"""
HEARTBEAT_SECONDS = 10

LOST = (AMQPError, OSError)
"""What a broken connection raises. Remedy: abort it, connect again."""


class NoAnswer(OSError):
    """The broker lives but owes an answer. One of LOST."""


class _BoundedWait:
    """py-amqp waits for an answer as long as anything comes, be it heartbeats; here it waits ANSWER_SECONDS."""

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
            raise NoAnswer("the broker does not answer")
        try:
            return super().blocking_read(left if timeout is None else min(timeout, left))
        except TimeoutError as late:
            if monotonic() < self.answer_by:
                raise
            raise NoAnswer("the broker does not answer") from late


@contextmanager
def within(connection: Any, seconds: float) -> Iterator[None]:
    """All answers that are waited for in here must have come after `seconds`, else NoAnswer is raised."""
    before = connection.answer_by
    connection.answer_by = min(before, monotonic() + seconds)
    try:
        yield
    finally:
        connection.answer_by = before


def connect(address: BrokerAddress, name: str, on_blocked: Callable[[bool], None] | None = None) -> Any:
    """An open connection, called `name` in the broker's management pages. Raises one of LOST.

    `on_blocked` hears True when the broker stops taking messages (memory or disk alarm), False when it goes on.
    """
    on_change = on_blocked or (lambda blocked: None)
    connection = _Connection(
        host=f"{address.host}:{address.port}",
        userid=address.user,
        password=address.password,
        virtual_host=address.vhost,
        connect_timeout=CONNECT_SECONDS,
        heartbeat=HEARTBEAT_SECONDS,
        client_properties={"connection_name": name, "product": "concord"},
        on_blocked=lambda reason: on_change(True),
        on_unblocked=lambda: on_change(False),
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
    with contextlib.suppress(*LOST), within(connection, seconds):
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
        while frame := reader.buffered_frame():
            handle(frame)
