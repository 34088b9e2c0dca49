"""One client's socket: bytes that arrived early, and a deadline somebody else watches.

A timer for every read would cost more than the request. Instead each wait notes its deadline, and the
server's one sweeper shuts down what is late, which wakes the waiting greenthread.
"""

from __future__ import annotations

import socket
from contextlib import suppress
from time import monotonic
from typing import Any

RECEIVE = 64 * 1024
NEVER = float("inf")


class ClientGone(Exception):
    """The client left; there is nobody to answer."""


class DeadlineExceeded(Exception):
    """The deadline of a read passed."""


class ClientSocket:
    """Reads and writes of one connection; used by one greenthread, expired from another."""

    __slots__ = ("deadline", "expired", "pending", "sending", "sock", "write_timeout")

    def __init__(self, sock: Any, write_timeout: float) -> None:
        self.sock = sock
        self.pending = b""
        self.deadline = NEVER
        self.expired = False
        self.sending = False
        self.write_timeout = write_timeout

    def receive(self) -> bytes:
        """Wait for more bytes. Raises DeadlineExceeded after `deadline`, ClientGone when the other end has closed."""
        try:
            data: bytes = self.sock.recv(RECEIVE)
        except (OSError, EOFError) as error:
            raise ClientGone from error
        if self.expired:
            raise DeadlineExceeded
        if not data:
            raise ClientGone
        return data

    def send(self, data: bytes) -> None:
        """Send all. Raises ClientGone when the client has left or does not read."""
        self.sending = True
        try:
            if len(data) <= RECEIVE:
                self._send(data)
            else:
                for start in range(0, len(data), RECEIVE):
                    self._send(data[start : start + RECEIVE])
        except OSError as error:
            raise ClientGone from error
        self.sending = False
        self.deadline = NEVER

    def _send(self, data: bytes) -> None:
        self.deadline = monotonic() + self.write_timeout
        self.sock.sendall(data)

    def time_out(self) -> None:
        """Wake whoever waits: a read raises DeadlineExceeded (an answer may still be sent), a write ClientGone."""
        self.expired = True
        self.deadline = NEVER
        self._shutdown(socket.SHUT_RDWR if self.sending else socket.SHUT_RD)

    def cut(self) -> None:
        """End both directions at once."""
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
