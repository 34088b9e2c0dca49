"""`Repeat`, a dependency that calls an object of the container's config again and again, on the steady clock."""

from collections.abc import Callable
from time import monotonic

import eventlet
import structlog
from nameko.extensions import DependencyProvider

from concord_bus.domain.error_location import error_location
from concord_bus.domain.errors import ResourceUnavailable

log = structlog.get_logger("concord.bus")

TICK_SECONDS = 0.25
"""The pause between two looks at the clock: a service that stops waits no longer."""


class Repeat(DependencyProvider):  # type: ignore[misc]
    """Calls the entry `name` of the config `seconds` after its last call has ended, while the service runs.

    Unlike nameko's timer, it does not follow the wall clock, which somebody may set back.
    """

    def __init__(self, name: str, seconds: float) -> None:
        super().__init__()
        self._name = name
        self._seconds = seconds
        self._stopping = False

    def start(self) -> None:
        call: Callable[[], object] = self.container.config[self._name]
        self.container.spawn_managed_thread(lambda: self._run(call), identifier=self._name)

    def stop(self) -> None:
        self._stopping = True

    kill = stop

    def _run(self, call: Callable[[], object]) -> None:
        due_at = monotonic()
        while not self._stopping:
            if monotonic() >= due_at:
                self._call(call)
                due_at = monotonic() + self._seconds
            eventlet.sleep(TICK_SECONDS)

    def _call(self, call: Callable[[], object]) -> None:
        try:
            call()
        except ResourceUnavailable as away:
            log.warning("waits", what=self._name, resource=away.resource)
        except Exception as error:  # the edge: this green thread must continue
            log.error("failed unexpectedly", what=self._name, cause=error_location(error))
