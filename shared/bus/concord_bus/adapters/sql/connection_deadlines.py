"""Drops database connections that do not answer in time.

PostgreSQL bounds a statement, but not a commit: with synchronous replication, a commit waits until a standby confirms
it. A frozen server bounds nothing. A dropped connection leaves the outcome of its transaction unknown. A cancelled
commit would be worse: PostgreSQL reports it as a success.
"""

import contextlib
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from typing import Protocol

CHECK_SECONDS = 0.5


class HasSocket(Protocol):
    """A driver's connection; `fileno` is its socket."""

    def fileno(self) -> int: ...


class ConnectionDeadlines:
    """Watches the connections that wait for an answer, in one thread of the process (a green one under eventlet)."""

    def __init__(self, clock: Callable[[], float] = monotonic, sleep: Callable[[float], None] = time.sleep) -> None:
        self._clock = clock
        self._sleep = sleep
        self._due: dict[int, float] = {}  # by socket
        self._watched_in = 0

    @contextmanager
    def within(self, connection: HasSocket, seconds: float, late: Exception | None = None) -> Iterator[None]:
        """Drop the connection when the block takes longer than `seconds`. Raises `late` in place of the driver's
        error."""
        self._watch()
        number = connection.fileno()
        self._due[number] = self._clock() + seconds
        try:
            yield
        except Exception as error:
            if late is None or number in self._due:
                raise
            raise late from error
        finally:
            self._due.pop(number, None)

    def drop_late(self) -> int:
        """Drop the connections whose time is over, and return their number."""
        now = self._clock()
        late = [number for number, due in self._due.items() if due <= now]
        for number in late:
            del self._due[number]
            _shut_down(number)
        return len(late)

    def _watch(self) -> None:
        """Start the thread, once in a process: a fork has only the thread that forked."""
        if self._watched_in != os.getpid():
            self._watched_in = os.getpid()
            self._due.clear()
            threading.Thread(target=self._run, name="connection deadlines", daemon=True).start()

    def _run(self) -> None:
        while True:
            self._sleep(CHECK_SECONDS)
            self.drop_late()


def _shut_down(number: int) -> None:
    """Shut down both directions of a socket that its owner closes. The owner's wait ends with an error."""
    with contextlib.suppress(OSError), socket.socket(fileno=os.dup(number)) as copy:
        copy.shutdown(socket.SHUT_RDWR)


deadlines = ConnectionDeadlines()
"""The deadlines of this process."""
