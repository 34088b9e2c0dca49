"""Keeps one part running: starts it, and starts it again when it ends, after a growing pause."""

import threading
from collections.abc import Callable
from time import monotonic

from concord_bus.backoff import Backoff
from concord_cli.up.processes import Part
from concord_nodes.errors import NodeError

LOOK_SECONDS = 0.05
SETTLED_SECONDS = 30.0
"""A part that ran this long is well: its next pause is short again."""
SETTING_WRONG = 2
"""Exit code of a service whose settings, database or port must be put right first."""

Say = Callable[[str], None]


class Supervisor:
    """One thread that looks after one part.

    `failure` is set, and the part given up, when it fails before it ever ran well for a reason that will not pass.
    """

    def __init__(
        self,
        part: Part,
        say: Say,
        *,
        started: Callable[[], None] = lambda: None,
        backoff: Backoff | None = None,
    ) -> None:
        """`started` runs after each start; what it raises as NodeError counts as a failed start."""
        self.part = part
        self.restarts = 0
        self.failure: str | None = None
        self.up = threading.Event()
        self._say = say
        self._started = started
        self._backoff = backoff or Backoff(first=0.2, longest=15.0)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"keeper of {part.name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """End the part and do not start it again."""
        self._stopping.set()
        until = monotonic() + seconds
        self.part.stop(seconds)
        self._thread.join(max(0.1, until - monotonic()))
        self.part.kill()

    def kill(self) -> None:
        """End the part at once and do not start it again."""
        self._stopping.set()
        self.part.kill()

    def await_end(self, seconds: float) -> None:
        """After `kill`: wait for a start that was under way, and end what it started."""
        if self._thread.is_alive():
            self._thread.join(seconds)
        self.part.kill()

    def _run(self) -> None:
        while not self._stopping.is_set():
            begun = monotonic()
            problem = self._one_life()
            self.up.clear()
            if self._stopping.is_set() or self.failure:
                return
            if monotonic() - begun > SETTLED_SECONDS:
                self._backoff.reset()
            pause = self._backoff.seconds()
            self._say(f"{self.part.name} {problem}; starting it again in {pause:.1f} s")
            self._stopping.wait(pause)
            self.restarts += 1

    def _one_life(self) -> str:
        """Start the part and wait for its end; how it ended."""
        try:
            self.part.start()
            self._started()
        except NodeError as error:
            self.part.kill()
            if not self.restarts:
                self.failure = str(error)
            return f"could not be started: {error}"
        self.up.set()
        if self.restarts:
            self._say(f"{self.part.name} runs again")
        while self.part.alive:
            self._stopping.wait(LOOK_SECONDS)
            if self._stopping.is_set():
                return "was stopped"
        if self.part.exit_code == SETTING_WRONG and not self.restarts:
            self.failure = f"{self.part.name} cannot run: {self.part.last_words()}"
        return self.part.ending()
