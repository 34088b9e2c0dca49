"""The server: accepts up to a maximum of connections, enforces deadlines, and stops gracefully."""

from __future__ import annotations

import errno
import logging
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any

import eventlet
from eventlet.green import socket

from concord_web.admission import Admission
from concord_web.app import App
from concord_web.client_address import client_of
from concord_web.connection import Connection
from concord_web.listener import open_listener
from concord_web.metrics import WebMetrics
from concord_web.problem import Problem
from concord_web.refusals import full, over_share
from concord_web.response import head_bytes
from concord_web.settings import WebSettings

_log = logging.getLogger(__name__)

_OUT_OF_RESOURCES = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
_ACCEPT_PAUSE = 0.05
_WARN_EVERY = 10.0


class Server:
    """An HTTP server. Call `listen`, then `start` with an App; `drain` stops gracefully, `abort` at once."""

    app: App

    def __init__(self, settings: WebSettings, metrics: WebMetrics) -> None:
        self.settings = settings
        self.metrics = metrics
        self.cap = settings.connection_cap()
        self.stopping = False
        self.waiting: dict[Connection, None] = {}
        """Connections without a complete request, in order of arrival; closing one loses nothing."""
        self._connections: set[Connection] = set()
        self.admission = Admission(settings, metrics)
        self._listener: Any = None
        self._threads: list[Any] = []
        self._drained: Any = None
        self._deadline: Any = None
        self._warned = -_WARN_EVERY

    @property
    def bound_port(self) -> int:
        """The TCP port in use; the system chooses it for the setting 0."""
        return int(self._listener.getsockname()[1])

    def listen(self) -> None:
        """Bind the port. Raises PortTaken, CannotListen."""
        self._listener = open_listener(self.settings.host, self.settings.port)

    def start(self, app: App, spawn: Callable[[Callable[[], None]], Any] = eventlet.spawn) -> None:
        """Start to accept connections. `spawn` runs the two loops of the server."""
        self.app = app
        self._threads = [spawn(self._accept_forever), spawn(self._sweep_forever)]

    def forget(self, connection: Connection) -> None:
        """Remove a connection that has ended."""
        self._connections.discard(connection)
        self.waiting.pop(connection, None)
        self.admission.give_back_share(connection)
        self.metrics.connections.set(len(self._connections))
        if self._drained is not None and not self._connections and not self._drained.ready():
            self._drained.send(None)

    def drain(self) -> None:
        """Stop accepting, close idle connections, and wait up to `grace` seconds for requests in flight."""
        if self._drained is None:
            self._drained = eventlet.event.Event()
            self.stopping = True
            self._stop_listening()
            for connection in list(self.waiting):
                connection.client.abort()
            if not self._connections:
                self._drained.send(None)
            self._deadline = eventlet.spawn_after(self.settings.grace, self.abort)
        self._drained.wait()
        self._deadline.cancel()
        self._stop_sweeping()

    def abort(self) -> None:
        """Close every connection now."""
        self.stopping = True
        self._stop_listening()
        for connection in list(self._connections):
            self._end(connection)
        self._stop_sweeping()

    def _stop_listening(self) -> None:
        if self._threads:
            self._threads[0].kill()
        if self._listener is not None:
            with suppress(OSError):
                self._listener.close()

    def _stop_sweeping(self) -> None:
        if self._threads:
            self._threads[1].kill()

    def _accept_forever(self) -> None:
        while not self.stopping:
            try:
                sock, address = self._listener.accept()
            except OSError as error:
                if error.errno != errno.ECONNABORTED:
                    self._pause_accepting(error)
                continue
            self._admit(sock, address)

    def _admit(self, sock: Any, address: Any) -> None:
        peer = str(address[0]) if isinstance(address, tuple) else ""
        client = client_of(peer) if peer and not self.settings.forwarded_hops else None
        if client is not None and not self._has_share(client):
            self.metrics.refused.labels("share").inc()
            self._reject(sock, over_share())
            return
        if not self._has_room():
            self.metrics.refused.labels("full").inc()
            self._reject(sock, full())
            return
        with suppress(OSError):
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        connection = Connection(self, sock, peer)
        if client is not None:
            self.admission.take_share(connection, client)
        self._connections.add(connection)
        self.waiting[connection] = None
        self.metrics.connections.set(len(self._connections))
        connection.thread = eventlet.spawn(connection.run)

    def _has_share(self, client: str) -> bool:
        """Return whether the client may have one more connection. At its share, close one of its own that waits."""
        if not self.admission.shares.is_full(client):
            return True
        eventlet.sleep(0)  # let connections read requests that have arrived
        if not self.admission.shares.is_full(client):
            return True
        idle = (connection for connection in self.admission.shares.of(client) if connection in self.waiting)
        return self._evict(self.admission.shares.victim(idle), "share")

    def _has_room(self) -> bool:
        """Return whether a connection may be added. If the server is full, close one that waits for its client."""
        if len(self._connections) < self.cap:
            return True
        eventlet.sleep(0)
        return len(self._connections) < self.cap or self._evict(
            self.admission.shares.victim(self._connections), "evicted"
        )

    def _evict(self, connection: Connection | None, reason: str) -> bool:
        """End a connection that waits; return False for None. One that sends a body gets the response 408."""
        if connection is None:
            return False
        self.metrics.refused.labels(reason).inc()
        if connection in self.waiting:
            self._end(connection)
        else:
            self.admission.give_back_share(connection)
            connection.client.expire()
        return True

    def _end(self, connection: Connection) -> None:
        connection.thread.kill()
        connection.client.close()
        self.forget(connection)

    def _reject(self, sock: Any, refusal: Problem) -> None:
        problem = refusal.as_response()
        head = head_bytes(problem, f"Content-Length: {len(problem.body)}\r\n", "close")
        with suppress(OSError):
            sock.send(head + problem.body)
            sock.shutdown(socket.SHUT_WR)
        sock.close()

    def _pause_accepting(self, error: OSError) -> None:
        """Wait after a failed accept (no file descriptor left), then close an idle connection."""
        if monotonic() - self._warned >= _WARN_EVERY:
            self._warned = monotonic()
            _log.warning("cannot accept (%s) with %d connections open", error.strerror, len(self._connections))
        eventlet.sleep(_ACCEPT_PAUSE)
        if error.errno in _OUT_OF_RESOURCES:
            self._evict(self.admission.shares.victim(self._connections), "descriptors")

    def _sweep_forever(self) -> None:
        tick = self.settings.tick()
        while True:
            eventlet.sleep(tick)
            now = monotonic()
            for connection in list(self._connections):
                if connection.client.deadline < now:
                    connection.client.expire()
