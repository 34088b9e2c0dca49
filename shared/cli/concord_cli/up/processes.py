"""The processes of `concord up`: guarded children that cannot outlive it."""

import json
import shutil
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from concord_nodes import RabbitNode
from concord_nodes.guarded_process import GuardedChild

MAX_LOG_BYTES = 10_000_000
TAIL_BYTES = 4096


class ProgramProcess(GuardedChild):
    """A Python program with exactly the environment `env`."""

    def __init__(self, name: str, arguments: Sequence[str], env: Mapping[str, str], folder: Path, log: Path) -> None:
        super().__init__(name, folder, log)
        self.name = name
        self._command = [sys.executable, *arguments]
        self._env = dict(env)
        self._log_file = log

    def start(self) -> None:  # type: ignore[override]
        """Raises NodeError if the start fails."""
        self.await_unlocked()
        super().start(self._command, self._env)

    @property
    def exit_code(self) -> int | None:
        """Return the exit code of the latest run; 128 plus the number of a signal that ended it."""
        return None if self._guard is None else self._guard.poll()

    def end_text(self) -> str:
        """Return how it ended, as the end of a sentence."""
        return exit_text(self.exit_code)

    def last_log_line(self) -> str:
        return last_line(self._log_file) or "its log is empty"

    def stop(self, seconds: float) -> None:  # type: ignore[override]
        """Stop it in order; after `seconds` by force."""
        super().stop(signal.SIGTERM, seconds)


class BrokerProcess:
    """A private RabbitMQ node."""

    name = "broker"
    exit_code = None

    def __init__(self, node: RabbitNode) -> None:
        self._node = node
        self.start, self.stop, self.kill = node.start, node.stop, node.kill

    @property
    def alive(self) -> bool:
        return self._node.alive

    @property
    def pid(self) -> int:
        return self._node.pid

    def end_text(self) -> str:
        return "ended"

    def last_log_line(self) -> str:
        return last_line(self._node.log)


ManagedProcess = ProgramProcess | BrokerProcess
"""A process that a supervisor starts, restarts and stops."""


def last_line(log: Path) -> str:
    """Return the last line of a log that is not blank."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - TAIL_BYTES))
        lines = file.read().decode("utf-8", "replace").splitlines()
    return _message(next((line.strip() for line in reversed(lines) if line.strip()), ""))


def _message(line: str) -> str:
    """Return the message of a JSON line with the level `critical`; another line as it is."""
    try:
        fields = json.loads(line)
        return str(fields["message"]) if fields["level"] == "critical" else line
    except (ValueError, LookupError, TypeError):
        return line


def exit_text(exit_code: int | None) -> str:
    """Return an exit code in words. A shell's code above 128 stands for a signal."""
    if exit_code is None:
        return "runs"
    exit_code = 128 - exit_code if exit_code < 0 else exit_code  # negative: a signal ended the guard itself
    if exit_code > 128:
        number = exit_code - 128
        name = signal.Signals(number).name if number in signal.valid_signals() else str(number)
        return f"was ended by {name}"
    return f"ended with exit code {exit_code}"


def rotate(log: Path, limit: int = MAX_LOG_BYTES) -> bool:
    """Move the content of a log longer than `limit` bytes to `<log>.1`; return whether it did.

    The writer keeps the file open for appending, so this copies and empties the file instead of renaming it. It can
    lose a line that arrives at this very moment.
    """
    if not log.exists() or log.stat().st_size <= limit:
        return False
    shutil.copyfile(log, log.with_name(log.name + ".1"))
    with log.open("r+b") as file:
        file.truncate(0)
    return True
