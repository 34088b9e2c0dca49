"""Name resolution by the system, each look-up in a native thread of its own.

The process's two resolver threads serve the broker, the database and the mail server. A name that hangs must not hold
them up, nor other receivers. So webhooks have their own threads, with a limit.
"""

import socket
import time
from collections.abc import Sequence
from typing import Any

from eventlet import patcher

from concord_notification.webhooks.ports import Resolver

RESOLVE_SECONDS = 5.0
MAX_THREADS = 64
POLL_SECONDS = 0.002


def system_addresses(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver, blocking. Raises OSError."""
    rows = patcher.original("socket").getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM)
    return [str(row[4][0]) for row in rows]


class ThreadedResolver:
    """Calls `resolve` in native threads, so that other green threads go on."""

    def __init__(self, resolve: Resolver = system_addresses, max_threads: int = MAX_THREADS) -> None:
        self._resolve = resolve
        self._max_threads = max_threads
        self._threads: list[Any] = []
        self._thread_class: Any = patcher.original("threading").Thread

    def __call__(self, host: str, port: int) -> Sequence[str]:
        """Resolve a host. Raises OSError; TimeoutError after RESOLVE_SECONDS.

        A look-up that hangs holds its thread until it ends.
        """
        until = time.monotonic() + RESOLVE_SECONDS
        while self._all_busy():
            _wait(until)
        results: list[Sequence[str] | OSError] = []
        thread = self._thread_class(target=self._run, args=(host, port, results), daemon=True)
        self._threads.append(thread)
        thread.start()
        while not results:
            _wait(until)
        if isinstance(results[0], OSError):
            raise results[0]
        return results[0]

    def _all_busy(self) -> bool:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        return len(self._threads) >= self._max_threads

    def _run(self, host: str, port: int, results: list[Sequence[str] | OSError]) -> None:
        try:
            results.append(self._resolve(host, port))
        except OSError as error:
            results.append(error)
        except Exception:  # the edge of this thread: the caller needs an answer
            results.append(OSError("the resolver failed"))


def _wait(until: float) -> None:
    if time.monotonic() >= until:
        raise TimeoutError("the resolver did not answer in time")
    time.sleep(POLL_SECONDS)
