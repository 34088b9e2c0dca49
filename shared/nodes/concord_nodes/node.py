"""The life cycle that every node shares: start, readiness, stop, kill and removal."""

import os
import shutil
import signal
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from concord_nodes.errors import NodeError
from concord_nodes.guarded_process import GuardedChild
from concord_nodes.node_ports import NodePorts
from concord_nodes.node_state import make_folder
from concord_nodes.tcp_ports import until


class Node(ABC):
    """One program with a folder of its own, run as a guarded child process.

    A subclass gives the command and its environment. `ports` maps each listener to its TCP port. It holds the
    requested ports (0: any) until `start` has chosen them.
    """

    title: str
    """The program's name in error texts."""
    console: str
    """Name of the file in the folder that takes the program's output."""
    start_seconds: float
    stop_seconds: float = 20
    stop_signal = signal.SIGTERM

    def __init__(self, folder: Path, requested: Mapping[str, int]) -> None:
        """Create the folder. Raises NodeError without the permission to do so."""
        self.folder = folder.absolute()
        self.ports = dict(requested)
        make_folder(self.folder)
        self._node_ports = NodePorts(self.title, requested)
        self._console = self.folder / self.console
        self._child = GuardedChild(self.title, self.folder, self._console)

    @abstractmethod
    def ready(self) -> bool:
        """Return whether the node answers requests."""

    @abstractmethod
    def _program(self) -> Path:
        """Return the program to run. Raises PartMissing."""

    @abstractmethod
    def _arguments(self) -> Sequence[str]:
        """Return the program's arguments, for the ports in `ports`."""

    def _environment(self) -> Mapping[str, str]:
        return {"PATH": os.environ.get("PATH", "/usr/bin:/bin"), "HOME": str(self.folder), "LANG": "C.UTF-8"}

    def _prepare(self, ports: Mapping[str, int]) -> None:
        """Write the files that the program needs on these ports."""
        self.ports = dict(ports)

    @property
    def _account(self) -> str | None:
        """The account that runs the program; None for the account of this process."""
        return None

    def _log_excerpt(self) -> str:
        return self._child.log_excerpt()

    def start(self, seconds: float | None = None) -> Self:
        """Start the program and wait until it is ready; `seconds` replaces the usual limit.

        Raises PartMissing without the program and PortTaken when another program has a requested port. Raises
        NodeError when the folder is in use, the program ends, or it is not ready in time.
        """
        if self.alive:
            return self
        program = self._program()
        self._child.await_unlocked()
        limit = self.start_seconds if seconds is None else seconds
        self._node_ports.start(lambda ports: self._start_on(ports, program, limit), self.ports)
        return self

    def _start_on(self, ports: Mapping[str, int], program: Path, seconds: float) -> None:
        self._prepare(ports)
        self._child.start([str(program), *self._arguments()], self._environment(), user=self._account)
        try:
            self._await_ready(seconds)
        except BaseException:
            self.kill()
            raise

    def _await_ready(self, seconds: float) -> None:
        until(lambda: not self.alive or self.ready(), seconds, every=0.05)
        if not self.alive:
            raise NodeError(f"{self.title} ended while starting:\n{self._log_excerpt()}", f"See {self.folder}.")
        if not self.ready():
            raise NodeError(
                f"{self.title} was not ready after {seconds:.0f} s:\n{self._log_excerpt()}",
                f"See {self.folder}. Allow more time, or free processor and memory.",
            )

    @property
    def alive(self) -> bool:
        return self._child.alive

    @property
    def pid(self) -> int:
        """Process id of the program itself."""
        return self._child.pid

    def stop(self, seconds: float | None = None) -> None:
        """Shut the program down in order; kill it after `seconds` (by default `stop_seconds`)."""
        self._child.stop(self.stop_signal, self.stop_seconds if seconds is None else seconds)

    def kill(self) -> None:
        """End all processes of the node at once (SIGKILL), as a crash would. Data on the disk survive."""
        self._child.kill()

    def restart(self) -> None:
        self.stop()
        self.start()

    def discard(self) -> None:
        """Kill the node and remove its folder."""
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
