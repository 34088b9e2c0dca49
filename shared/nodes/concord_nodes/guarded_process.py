"""A guarded child process, seen from its owner."""

import contextlib
import fcntl
import os
import re
import select
import signal as signals
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from concord_nodes import process_guard
from concord_nodes.errors import NodeError
from concord_nodes.port_reservations import lock_now, process_start
from concord_nodes.tcp_ports import until


class GuardedChild:
    """One command under its guard (see `concord_nodes.process_guard`); output goes to `log`, appended."""

    def __init__(self, name: str, folder: Path, log: Path) -> None:
        self._name = name
        self._folder = folder
        self._log = log
        self._guard: subprocess.Popen[bytes] | None = None
        self._logged_before = 0
        self.pid = 0

    @property
    def alive(self) -> bool:
        return self._guard is not None and self._guard.poll() is None

    def await_unlocked(self, patience: float = 10) -> None:
        """Wait for the end of an earlier command in this folder, whose owner died.

        Raises NodeError when that owner lives, or when the command has not ended after `patience` seconds.
        """
        with (self._folder / "lock").open("a+") as lock:
            if until(lambda: _lockable(lock.fileno()), 1):
                return
            if self._owner_lives() or not until(lambda: _lockable(lock.fileno()), patience):
                raise NodeError(
                    f"{self._name} already runs in {self._folder}, started by another process.",
                    "Stop that one, or choose another folder.",
                )

    def _owner_lives(self) -> bool:
        owner = (self._folder / "lock").read_text()
        return owner.isdecimal() and process_start(int(owner)) is not None

    def start(self, command: Sequence[str], env: Mapping[str, str], user: str | None = None) -> None:
        """Start the command, as `user` if given. Raises NodeError when it does not start."""
        self.pid = 0
        program = [sys.executable, "-S", "-E", process_guard.__file__, str(os.getpid()), str(self._folder / "lock")]
        self._logged_before = self._log.stat().st_size if self._log.exists() else 0
        with self._log.open("ab") as log:
            self._guard = subprocess.Popen(
                [*program, user or "-", *command],
                env=dict(env),
                cwd=self._folder,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                start_new_session=True,  # Ctrl-C is the owner's to handle: it ends its nodes in order
            )
        first = self._first_line(self._guard)
        if not first:
            self._guard.kill()
            self._guard.wait(timeout=10)
            raise NodeError(f"{self._name} could not be started:\n{self.log_excerpt()}", f"See {self._log}.")
        self.pid = int(first)

    @staticmethod
    def _first_line(process: subprocess.Popen[bytes]) -> bytes:
        assert process.stdout is not None
        with process.stdout as out:
            ready, _, _ = select.select([out], [], [], 10)
            return out.readline() if ready else b""

    def log_excerpt(self) -> str:
        """Return the errors, or else the last lines, that the command logged since its latest start."""
        return log_excerpt(self._log, self._logged_before)

    def signal(self, number: signals.Signals) -> None:
        """Send a signal to the command itself (not its children)."""
        if self.alive and self.pid:  # 0 would be this process's own group
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def stop(self, number: signals.Signals, seconds: float) -> None:
        """Send the command the signal `number`; after `seconds` kill it and all its children."""
        if not self.alive:
            return
        self.signal(signals.SIGCONT)
        self.signal(number)
        if not until(lambda: not self.alive, seconds):
            self.kill()

    def kill(self) -> None:
        """End the command and all its children at once (SIGKILL)."""
        if self._guard is None or not self.alive:
            return
        self._guard.send_signal(signals.SIGUSR1)
        if not until(lambda: not self.alive, 10):
            self._guard.kill()
            self._guard.wait(timeout=10)


def _lockable(file: int) -> bool:
    locked = lock_now(file)
    if locked:
        fcntl.flock(file, fcntl.LOCK_UN)
    return locked


def log_excerpt(log: Path, since: int = 0) -> str:
    """Return up to eight lines of a log for an error text: its errors if it has any, else its end.

    The excerpt begins at byte `since` of the log.
    """
    if not log.exists():
        return ""
    lines = log.read_bytes()[since:].decode(errors="replace").splitlines()
    errors = [line for line in lines if re.search(r"error|fatal|cannot", line, re.IGNORECASE)]
    return "\n".join(errors[:8] or lines[-8:])
