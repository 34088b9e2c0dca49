"""A client's socket with a buffer and a deadline.

A timer for every read would cost more than the request. Instead each wait sets `deadline`. The server's sweeper
shuts down late sockets, which wakes the waiting greenthread.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from time import monotonic
from typing import Any

RECEIVE_BYTES = 64 * 1024
NEVER = float("inf")


class ClientGone(Exception):
    """The client closed the connection."""


class DeadlineExceeded(Exception):
    """The deadline of a read passed."""


class ClientSocket:
    """Reads and writes of one connection. One greenthread uses it; the sweeper expires it from another."""

    __slots__ = ("deadline", "expired", "pending", "sending", "sock", "write_timeout")

    def __init__(self, sock: Any, write_timeout: float) -> None:
        self.sock = sock
        self.pending = b""
        self.deadline = NEVER
        self.expired = False
        self.sending = False
        self.write_timeout = write_timeout

    def receive(self) -> bytes:
        """Wait for more bytes. Raises DeadlineExceeded after `deadline`, ClientGone after a close by the client."""
        try:
            data: bytes = self.sock.recv(RECEIVE_BYTES)
        except (OSError, EOFError) as error:
            raise ClientGone from error
        if self.expired:
            raise DeadlineExceeded
        if not data:
            raise ClientGone
        return data

    def send(self, data: bytes) -> None:
        """Send all bytes. Raises ClientGone for a client that left or does not read."""
        self.sending = True
        try:
            if len(data) <= RECEIVE_BYTES:
                self._send(data)
            else:
                for start in range(0, len(data), RECEIVE_BYTES):
                    self._send(data[start : start + RECEIVE_BYTES])
        except OSError as error:
            raise ClientGone from error
        self.sending = False
        self.deadline = NEVER

    def _send(self, data: bytes) -> None:
        self.deadline = monotonic() + self.write_timeout
        self.sock.sendall(data)

    def expire(self) -> None:
        """Wake the waiting greenthread: a read raises DeadlineExceeded (a response may follow), a write ClientGone."""
        self.expired = True
        self.deadline = NEVER
        self._shutdown(socket.SHUT_RDWR if self.sending else socket.SHUT_RD)

    def abort(self) -> None:
        """Shut down both directions at once."""
        self.expired = True
        self._shutdown(socket.SHUT_RDWR)

    def finish_sending(self) -> None:
        self._shutdown(socket.SHUT_WR)

    def close(self) -> None:
        with suppress(OSError):
            self.sock.close()

    def _shutdown(self, how: int) -> None:
        with suppress(OSError):
            self.sock.shutdown(how)
