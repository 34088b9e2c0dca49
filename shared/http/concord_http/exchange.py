"""One exchange over a connection, ended when its time is up, whatever the server does.

A socket's timeout counts from byte to byte, and looking up a name has none: a server that sends a byte now and then
would hold its caller for ever. So a thread of its own does the work, and the caller waits for it only so long.
"""

import socket
import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from contextlib import suppress
from typing import TypeVar

from urllib3.connection import HTTPConnection

from concord_http.errors import RequestTimeoutError

T = TypeVar("T")


class Exchange:
    """The work on `connection` may take `seconds` in all. One exchange runs once."""

    def __init__(self, connection: HTTPConnection, seconds: float) -> None:
        self.connection = connection
        self._sock: socket.socket | None = connection.sock
        self._seconds = seconds
        self._ended = threading.Event()

    def run(self, work: Callable[[], T]) -> T:
        """Return what `work` returns, raise what it raises. Raises RequestTimeoutError when it takes too long."""
        outcome: Future[T] = Future()

        def settle() -> None:
            try:
                outcome.set_result(work())
            except BaseException as error:  # the edge of the thread: its caller raises it
                outcome.set_exception(error)

        threading.Thread(target=settle, name="http", daemon=True).start()
        finished: set[Future[T]] = set()
        try:
            finished, _ = wait([outcome], self._seconds)
        finally:
            if not finished:
                self._cut()
        if not finished:
            raise RequestTimeoutError(f"timed out after {self._seconds:g} s")
        return outcome.result()

    def connect(self, seconds: float) -> None:
        """Open the connection. Raises TimeoutError when time is up, so that the client sends nothing too late."""
        self.connection.timeout = seconds
        self.connection.connect()
        self._sock = self.connection.sock
        if self._ended.is_set():
            raise TimeoutError

    def _cut(self) -> None:
        """Wake the thread if it waits for the server. It closes the connection.

        A connection that closes after this response forgets its socket before it reads the body: so we keep it.
        """
        self._ended.set()
        if self._sock is not None:
            with suppress(OSError):
                self._sock.shutdown(socket.SHUT_RDWR)
