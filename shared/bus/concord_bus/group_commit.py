"""Group commit: concurrent requests share one transaction, and each gets its response after the commit.

A commit to disk costs about the same for one row as for a hundred. Requests that arrive during a transaction form the
next one: latency stays at one or two commits, and throughput grows with the load.
"""

from collections import deque
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import eventlet
from eventlet.event import Event as Signal

from concord_bus.domain.errors import ResourceUnavailable

C = TypeVar("C")
R = TypeVar("R")


@dataclass(eq=False)
class GroupCommit(Generic[C, R]):
    """Runs `handle(commands, work)` for groups of commands; it must have no effects outside its work.

    `open_work` opens a transaction that commits at the end. When a group fails, each command runs alone, so that one
    invalid command does not affect the others.
    """

    open_work: Callable[[], AbstractContextManager[Any]]
    handle: Callable[[Sequence[C], Any], Sequence[R]]
    max_size: int = 200
    _queue: deque[tuple[C, Signal]] = field(default_factory=deque, init=False)
    _leading: bool = field(default=False, init=False)

    def submit(self, command: C) -> R:
        """Return the command's result after the commit. Raises the error of `handle`, or ResourceUnavailable."""
        signal = Signal()
        self._queue.append((command, signal))
        if not self._leading:
            self._leading = True
            eventlet.spawn_n(self._lead)
        result: R = signal.wait()
        return result

    def _lead(self) -> None:
        """Commit groups until no command waits.

        This has its own green thread: a request that led the others would get its response only at the end of the load.
        """
        try:
            while self._queue:
                eventlet.sleep(0)  # let waiting requests join
                group = [self._queue.popleft() for _ in range(min(len(self._queue), self.max_size))]
                self._commit(group)
        finally:
            self._leading = False

    def _commit(self, group: Sequence[tuple[C, Signal]]) -> None:
        try:
            with self.open_work() as work:
                results = self.handle([command for command, _ in group], work)
                if len(results) != len(group):
                    raise ValueError(f"{len(results)} results for {len(group)} commands")
        except BaseException as error:
            if not isinstance(error, Exception):
                self._abandon(group)
                raise
            if len(group) == 1 or isinstance(error, ResourceUnavailable):
                for _, signal in group:
                    signal.send_exception(error)
                return
            for entry in group:
                self._commit([entry])
            return
        for (_, signal), result in zip(group, results, strict=True):
            signal.send(result)

    def _abandon(self, group: Sequence[tuple[C, Signal]]) -> None:
        """Fail all waiting commands: the process is stopping."""
        for _, signal in (*group, *self._queue):
            signal.send_exception(ResourceUnavailable("service"))
        self._queue.clear()
