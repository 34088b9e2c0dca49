"""A connection to the broker with every wait bounded, over py-amqp."""

import _socket
import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from math import inf
from time import monotonic
from typing import Any

import amqp
from amqp.exceptions import AMQPError, RecoverableConnectionError
from amqp.transport import SSLTransport, TCPTransport

from concord_bus.adapters.amqp.delivery_decoder import FrameHandler
from concord_bus.adapters.amqp.frames import FrameReader
from concord_bus.adapters.amqp.lost_words import lost_words
from concord_bus.settings import BrokerAddress
from concord_http.tls import ALERT, TlsFiles, tls_fault

CONNECT_SECONDS = 5.0
WRITE_SECONDS = 5.0
ANSWER_SECONDS = 5.0
"""The maximum wait for a response of the broker: to opening a channel, consuming, binding and every other request.

Heartbeats do not count. A live broker may open no channel, as while another node of its cluster hangs. A healthy one
responds in milliseconds, and a service that stops must not wait longer than this.
"""
HEARTBEAT_SECONDS = 10
ALERT_SECONDS = 0.5

LOST = (AMQPError, OSError)
"""The errors of a broken connection. Remedy: abort it, connect again."""


class NoAnswer(OSError):
    """The broker is alive but does not respond. One of LOST."""


class SpeaksTls(OSError):
    """The port wants TLS, and the URL does not say so. One of LOST."""


class _BoundedWait:
    """Waits ANSWER_SECONDS for a response. py-amqp itself waits as long as anything arrives, even heartbeats."""

    connection: Any

    def wait(self, *arguments: Any, **named: Any) -> Any:
        if self.connection is None:
            raise RecoverableConnectionError("connection already closed")
        with within(self.connection, ANSWER_SECONDS):
            return super().wait(*arguments, **named)  # type: ignore[misc]


class _Channel(_BoundedWait, amqp.Channel):  # type: ignore[misc]
    closed_by_broker = False

    def _do_revive(self) -> None:
        """Note that the broker closed the channel, before py-amqp opens it again."""
        self.closed_by_broker = True
        super()._do_revive()


class _TcpTransport(TCPTransport):  # type: ignore[misc]
    def _read(self, n: int, initial: bool = False, **named: Any) -> Any:
        read = super()._read(n, initial, **named)
        if read[:2] == ALERT:
            raise SpeaksTls("the port speaks TLS: use amqps://")
        return read


class _TlsTransport(SSLTransport):  # type: ignore[misc]
    def __init__(self, host: str, tls: TlsFiles, **named: Any) -> None:
        super().__init__(host, **named)
        self._tls = tls

    def _wrap_socket(self, sock: Any, **_options: Any) -> ssl.SSLSocket:
        return self._tls.context().wrap_socket(sock, server_hostname=self.host, do_handshake_on_connect=False)

    def _write(self, s: bytes) -> None:
        """Write, or raise the alert with which the server has ended TLS: it judges our certificate after the
        handshake. A view spares py-amqp's copy of the rest after every record of 16 KiB."""
        rest = memoryview(s)
        try:
            while rest:
                written = self.sock.write(rest)
                if not written:
                    raise OSError("the broker closed the connection")
                rest = rest[written:]
        except (ssl.SSLError, ConnectionError):
            with contextlib.suppress(ValueError, TimeoutError):
                self.sock.settimeout(ALERT_SECONDS)
                self.sock.read(1)
            raise


class _Connection(_BoundedWait, amqp.Connection):  # type: ignore[misc]
    Channel = _Channel
    answer_by = inf

    def __init__(self, tls: TlsFiles | None, **named: Any) -> None:
        super().__init__(**named)
        self._tls = tls

    def Transport(self, host: str, connect_timeout: float, ssl: object = False, *_timeouts: None, **named: Any) -> Any:
        if self._tls is None:
            return _TcpTransport(host, connect_timeout=connect_timeout, **named)
        return _TlsTransport(host, self._tls, connect_timeout=connect_timeout, **named)

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
        address.tls,
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
            shut_down(connection)
    with contextlib.suppress(Exception):
        connection.collect()


def shut_down(connection: Any) -> None:
    """Wake the thread that waits on the connection's socket with an error. It closes the socket."""
    sock = connection.transport.sock
    if isinstance(sock, ssl.SSLSocket):  # its own method would let a reading thread fail with ValueError
        _socket.socket.shutdown(sock, socket.SHUT_RDWR)
    else:
        sock.shutdown(socket.SHUT_RDWR)


def lost_reason(error: BaseException, address: BrokerAddress) -> str:
    """Return why a connection failed or broke: a fault of TLS with its remedy, or other words."""
    if isinstance(error, SpeaksTls):
        return str(error)
    return tls_fault(error, address.host) or lost_words(error, address.host, address.port, CONNECT_SECONDS)


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
