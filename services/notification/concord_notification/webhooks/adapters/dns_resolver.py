"""Names resolved by the system, each look-up in a thread of its own.

The process's two resolver threads serve broker, database and mail server: a name that hangs must not keep those, or
other receivers, waiting. So webhooks bring their own, a bounded number of them.
"""

import socket
import time
from collections.abc import Callable, Sequence
from typing import Any

from eventlet import patcher

RESOLVE_SECONDS = 5.0
MOST_THREADS = 64
LOOK_SECONDS = 0.002

Resolve = Callable[[str, int], Sequence[str]]
"""The addresses of a host. Raises OSError."""


def system_addresses(host: str, port: int) -> Sequence[str]:
    """As the system is set up; blocks. Raises OSError."""
    found = patcher.original("socket").getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM)
    return [str(each[4][0]) for each in found]


class ThreadedResolver:
    """Asks `resolve` in native threads; other green threads go on."""

    def __init__(self, resolve: Resolve = system_addresses, most: int = MOST_THREADS) -> None:
        self._resolve = resolve
        self._most = most
        self._asking: list[Any] = []
        self._thread: Any = patcher.original("threading").Thread

    def __call__(self, host: str, port: int) -> Sequence[str]:
        """Raises OSError; TimeoutError after RESOLVE_SECONDS. A look-up that hangs holds its thread until it ends."""
        until = time.monotonic() + RESOLVE_SECONDS
        while self._all_busy():
            _rest(until)
        answer: list[Sequence[str] | OSError] = []
        asking = self._thread(target=self._answer, args=(host, port, answer), daemon=True)
        self._asking.append(asking)
        asking.start()
        while not answer:
            _rest(until)
        if isinstance(answer[0], OSError):
            raise answer[0]
        return answer[0]

    def _all_busy(self) -> bool:
        self._asking = [each for each in self._asking if each.is_alive()]
        return len(self._asking) >= self._most

    def _answer(self, host: str, port: int, answer: list[Sequence[str] | OSError]) -> None:
        try:
            answer.append(self._resolve(host, port))
        except OSError as error:
            answer.append(error)
        except Exception:  # the edge of this thread: whoever asked must hear of it
            answer.append(OSError("the resolver failed"))


def _rest(until: float) -> None:
    if time.monotonic() >= until:
        raise TimeoutError("the resolver did not answer in time")
    time.sleep(LOOK_SECONDS)
