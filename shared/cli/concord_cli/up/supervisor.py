"""Supervision of one process: start, restart with back-off, stop."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic

from concord_bus.backoff import Backoff
from concord_cli.up.processes import ManagedProcess
from concord_nodes.errors import NodeError

POLL_SECONDS = 0.05
STABLE_SECONDS = 30.0
"""A run of this length resets the back-off."""
EXIT_USAGE = 2
"""Exit code of a service with a wrong setting, database or TCP port."""

Say = Callable[[str], None]


@dataclass
class Supervisor:
    """A thread that keeps one process running.

    `started` runs after each start; a NodeError from it counts as a failed start. A first run that ends with a
    permanent error sets `failure` and ends the supervision.
    """

    process: ManagedProcess
    say: Say
    started: Callable[[], None]
    backoff: Backoff = field(default_factory=lambda: Backoff(first=0.2, longest=15.0))

    def __post_init__(self) -> None:
        self.restarts = 0
        self.failure: str | None = None
        self.running = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"supervisor of {self.process.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """Stop the process for good; after `seconds` by force."""
        self._stopping.set()
        deadline = monotonic() + seconds
        self.process.stop(seconds)
        self._thread.join(max(0.1, deadline - monotonic()))
        self.process.kill()

    def kill(self) -> None:
        """Stop the process for good and at once."""
        self._stopping.set()
        self.process.kill()

    def await_end(self, seconds: float) -> None:
        """After `kill`: wait for a start in progress, and stop its process too."""
        if self._thread.is_alive():
            self._thread.join(seconds)
        self.process.kill()

    def _run(self) -> None:
        while not self._stopping.is_set():
            begun = monotonic()
            end = self._run_once()
            self.running.clear()
            if self._stopping.is_set() or self.failure:
                return
            if monotonic() - begun > STABLE_SECONDS:
                self.backoff.reset()
            pause = self.backoff.seconds()
            self.say(f"{self.process.name} {end}; restarting it in {pause:.1f} s")
            self._stopping.wait(pause)
            self.restarts += 1

    def _run_once(self) -> str:
        """Start the process, wait for its end, and return how it ended."""
        try:
            self.process.start()
            self.started()
        except NodeError as error:
            self.process.kill()
            if not self.restarts:
                self.failure = str(error)
            return f"failed to start: {error}"
        self.running.set()
        if self.restarts:
            self.say(f"{self.process.name} runs again")
        while self.process.alive:
            self._stopping.wait(POLL_SECONDS)
            if self._stopping.is_set():
                return "was stopped"
        if self.process.exit_code == EXIT_USAGE and not self.restarts:
            self.failure = f"{self.process.name} cannot run: {self.process.last_log_line()}"
        return self.process.end_text()
