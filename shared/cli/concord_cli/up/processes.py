"""What `concord up` keeps running: each part is a guarded child process that cannot outlive this one."""

import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

from concord_nodes import RabbitNode
from concord_nodes.errors import NodeError
from concord_nodes.guarded_process import GuardedChild

LOG_BYTES = 10_000_000
TAIL_BYTES = 4096


class Part(Protocol):
    """One thing to keep running."""

    name: str

    def start(self) -> None:
        """Raises NodeError when it cannot be started."""

    @property
    def alive(self) -> bool: ...

    @property
    def pid(self) -> int:
        """Process id of the program itself."""

    def ending(self) -> str:
        """How it ended, in words."""

    @property
    def exit_code(self) -> int | None: ...

    def last_words(self) -> str:
        """The last line of its log."""

    def stop(self, seconds: float) -> None:
        """End it in order; after `seconds` by force."""

    def kill(self) -> None:
        """End it at once."""


class ProgramPart(GuardedChild):
    """A Python program in a process of its own, with just the environment given."""

    def __init__(self, name: str, arguments: Sequence[str], env: Mapping[str, str], folder: Path, log: Path) -> None:
        super().__init__(name, folder, log)
        self.name = name
        self._command = [sys.executable, *arguments]
        self._env = dict(env)
        self._log_file = log

    def start(self) -> None:  # type: ignore[override]
        self.await_unlocked()
        super().start(self._command, self._env)

    @property
    def exit_code(self) -> int | None:
        """Of the latest run; 128 and the signal's number more when a signal ended it."""
        return None if self._guard is None else self._guard.poll()

    def ending(self) -> str:
        return in_words(self.exit_code)

    def last_words(self) -> str:
        return last_line(self._log_file) or "it wrote nothing"

    def stop(self, seconds: float) -> None:  # type: ignore[override]
        super().stop(signal.SIGTERM, seconds)


class BrokerPart:
    """A private RabbitMQ node."""

    name = "broker"
    exit_code = None

    def __init__(self, node: RabbitNode) -> None:
        self._node = node

    def start(self) -> None:
        self._node.start()

    @property
    def alive(self) -> bool:
        return self._node.alive

    @property
    def pid(self) -> int:
        return self._node.pid

    def ending(self) -> str:
        return "ended"

    def last_words(self) -> str:
        return last_line(self._node.log)

    def stop(self, seconds: float) -> None:
        self._node.stop(seconds)

    def kill(self) -> None:
        self._node.kill()


def last_line(log: Path) -> str:
    """The last line of a log that says anything."""
    if not log.exists():
        return ""
    with log.open("rb") as opened:
        opened.seek(max(0, log.stat().st_size - TAIL_BYTES))
        lines = opened.read().decode("utf-8", "replace").splitlines()
    return next((line.strip() for line in reversed(lines) if line.strip()), "")


def in_words(exit_code: int | None) -> str:
    """An exit code as a shell would give it."""
    if exit_code is None:
        return "runs"
    exit_code = 128 - exit_code if exit_code < 0 else exit_code  # a negative one: the guard itself was ended so
    if exit_code > 128:
        number = exit_code - 128
        name = signal.Signals(number).name if number in signal.valid_signals() else str(number)
        return f"was ended by {name}"
    return f"ended with exit code {exit_code}"


def rotate(log: Path, limit: int = LOG_BYTES) -> bool:
    """Move what a log holds to `<log>.1` once it is longer than `limit` bytes; whether that was so.

    The writer keeps the file open for appending, so the file is copied and emptied, not renamed. A line written at
    this very moment may be lost.
    """
    if not log.exists() or log.stat().st_size <= limit:
        return False
    shutil.copyfile(log, log.with_name(log.name + ".1"))
    with log.open("r+b") as emptied:
        emptied.truncate(0)
    return True


__all__ = ["BrokerPart", "NodeError", "Part", "ProgramPart", "in_words", "rotate"]
