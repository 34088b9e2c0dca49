"""All parts together: started side by side, stopped in order, services before the broker."""

import threading
from collections.abc import Callable, Mapping, Sequence
from time import monotonic

from concord_cli.up.processes import Part
from concord_cli.up.supervisor import Say, Supervisor

SERVICES_SECONDS = 6.0
"""How long the services may take to stop."""
STOP_SECONDS = 9.5
"""How long everything may take to stop."""
KILL_SECONDS = 10.0


class Platform:
    """The keepers of the services, and of the `below` they lean on (broker, mail catcher)."""

    def __init__(
        self,
        services: Sequence[Part],
        below: Sequence[Part],
        say: Say,
        *,
        started: Mapping[str, Callable[[], None]],
        changed: Callable[["Platform"], None],
    ) -> None:
        """`started` runs after each start of a part, by name; `changed` after any start."""
        self._changed = changed
        self.services = [self._keeper(each, say, started) for each in services]
        self.below = [self._keeper(each, say, started) for each in below]

    def _keeper(self, part: Part, say: Say, started: Mapping[str, Callable[[], None]]) -> Supervisor:
        def after() -> None:
            self._changed(self)
            started.get(part.name, lambda: None)()

        return Supervisor(part, say, started=after)

    @property
    def keepers(self) -> list[Supervisor]:
        return [*self.below, *self.services]

    @property
    def failure(self) -> str | None:
        """Why a part cannot run at all; None while nothing is known to be wrong for good."""
        return next((each.failure for each in self.keepers if each.failure), None)

    @property
    def founded(self) -> bool:
        """What lies below has started and all that follows its start is done."""
        return all(each.up.is_set() for each in self.below)

    @property
    def pids(self) -> dict[str, int]:
        return {each.part.name: each.part.pid for each in self.keepers if each.part.alive}

    @property
    def restarts(self) -> dict[str, int]:
        return {each.part.name: each.restarts for each in self.keepers}

    def start_below(self) -> None:
        for each in self.below:
            each.start()

    def start_services(self) -> None:
        """They wait for the broker by themselves."""
        for each in self.services:
            each.start()

    def stop(self) -> None:
        """End everything within STOP_SECONDS. What was under way is taken up again at the next start."""
        until = monotonic() + STOP_SECONDS
        _all_at_once(self.services, SERVICES_SECONDS)
        _all_at_once(self.below, max(1.0, until - monotonic()))

    def kill(self) -> None:
        """End everything at once."""
        for each in self.keepers:
            each.kill()

    def await_end(self) -> None:
        """After `kill`: wait until nothing runs or starts any more."""
        for each in self.keepers:
            each.await_end(KILL_SECONDS)


def _all_at_once(keepers: Sequence[Supervisor], seconds: float) -> None:
    threads = [threading.Thread(target=each.stop, args=(seconds,), name=f"stop {each.part.name}") for each in keepers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
