"""All processes of a run: started side by side, stopped in order, services before the broker."""

import threading
from collections.abc import Callable, Mapping, Sequence
from time import monotonic

from concord_cli.up.processes import ManagedProcess
from concord_cli.up.supervisor import Say, Supervisor

SERVICES_SECONDS = 6.0
"""Time for the services to stop."""
STOP_SECONDS = 9.5
"""Time for all processes to stop."""
KILL_SECONDS = 10.0


class ProcessGroup:
    """Supervisors of the services, and of the `backends` (broker, mail catcher) on which they depend."""

    def __init__(
        self,
        services: Sequence[ManagedProcess],
        backends: Sequence[ManagedProcess],
        say: Say,
        *,
        started: Mapping[str, Callable[[], None]],
        changed: Callable[["ProcessGroup"], None],
    ) -> None:
        """`started` has functions to run after each start of a process, by its name; `changed` runs after any."""
        self._changed = changed
        self.services = [self._supervisor(process, say, started) for process in services]
        self.backends = [self._supervisor(process, say, started) for process in backends]

    def _supervisor(self, process: ManagedProcess, say: Say, started: Mapping[str, Callable[[], None]]) -> Supervisor:
        def after_start() -> None:
            self._changed(self)
            started.get(process.name, lambda: None)()

        return Supervisor(process, say, started=after_start)

    @property
    def supervisors(self) -> list[Supervisor]:
        return [*self.backends, *self.services]

    @property
    def failure(self) -> str | None:
        """Return the permanent error of a process, None without one."""
        return next((supervisor.failure for supervisor in self.supervisors if supervisor.failure), None)

    @property
    def backends_ready(self) -> bool:
        """Return whether all backends and the functions after their start have completed."""
        return all(supervisor.running.is_set() for supervisor in self.backends)

    @property
    def pids(self) -> dict[str, int]:
        processes = (supervisor.process for supervisor in self.supervisors)
        return {process.name: process.pid for process in processes if process.alive}

    @property
    def restarts(self) -> dict[str, int]:
        return {supervisor.process.name: supervisor.restarts for supervisor in self.supervisors}

    def start_backends(self) -> None:
        for supervisor in self.backends:
            supervisor.start()

    def start_services(self) -> None:
        """Start the services, which wait for the broker themselves."""
        for supervisor in self.services:
            supervisor.start()

    def stop(self) -> None:
        """Stop all within STOP_SECONDS. The next start continues unfinished work."""
        deadline = monotonic() + STOP_SECONDS
        _stop_together(self.services, SERVICES_SECONDS)
        _stop_together(self.backends, max(1.0, deadline - monotonic()))

    def kill(self) -> None:
        """Stop all at once."""
        for supervisor in self.supervisors:
            supervisor.kill()

    def await_end(self) -> None:
        """After `kill`: wait until nothing runs or starts any more."""
        for supervisor in self.supervisors:
            supervisor.await_end(KILL_SECONDS)


def _stop_together(supervisors: Sequence[Supervisor], seconds: float) -> None:
    threads = [
        threading.Thread(target=supervisor.stop, args=(seconds,), name=f"stop {supervisor.process.name}")
        for supervisor in supervisors
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
