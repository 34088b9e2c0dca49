"""`Bus`, the dependency that gives a service its runtime, and `consume`, the entrypoint that calls it with batches."""

from collections.abc import Callable, Sequence
from typing import Any

import eventlet
import structlog
from nameko.extensions import DependencyProvider, Entrypoint

from concord_bus.domain.delivery import Delivery
from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.extensions.consumer_loop import ConsumerLoop
from concord_bus.extensions.relay_loop import RelayLoop
from concord_bus.runtime import BusRuntime

log = structlog.get_logger("concord.bus")

STOP_SECONDS = 4.0
RETRY_SECONDS = 0.5
DELETE_OLD_SECONDS = 3600.0


class Bus(DependencyProvider):  # type: ignore[misc]
    """Gives the service its BusRuntime from the container's config, and runs the relay and the retries."""

    def setup(self) -> None:
        self.runtime: BusRuntime = self.container.config["bus"]
        self._relay = RelayLoop(self.runtime)
        self._stopping = False

    def start(self) -> None:
        self._relay_thread = self.container.spawn_managed_thread(self._relay.run, identifier="relay")
        self.container.spawn_managed_thread(self._retry, identifier="retry")

    def stop(self) -> None:
        self._stopping = True
        self._relay.stop()
        with eventlet.Timeout(STOP_SECONDS, False):
            self._relay_thread.wait()

    def kill(self) -> None:
        self._stopping = True
        self._relay.stop()

    def get_dependency(self, worker_ctx: Any) -> BusRuntime:
        return self.runtime

    def _retry(self) -> None:
        since_deletion = 0.0
        while not self._stopping:
            eventlet.sleep(RETRY_SECONDS)
            since_deletion += RETRY_SECONDS
            try:
                self._retry_due()
                if since_deletion >= DELETE_OLD_SECONDS:
                    self.runtime.forget_old(self._between_batches)
                    since_deletion = 0.0
            except ResourceUnavailable as away:
                log.warning("retries wait", resource=away.resource)

    def _retry_due(self) -> None:
        while not self._stopping and self.runtime.pipeline.retry_due():
            eventlet.sleep(0)

    def _between_batches(self) -> bool:
        """Let other green threads and due retries run. Returns False when the service stops."""
        eventlet.sleep(0)
        self._retry_due()
        return not self._stopping


class Consume(Entrypoint):  # type: ignore[misc]
    """Calls the method with batches of deliveries from all of the service's queues.

    ResourceUnavailable keeps the batch. Any other error closes the connection, so that the broker redelivers the
    messages.
    """

    def setup(self) -> None:
        self._loop = ConsumerLoop(self.container.config["bus"], self._spawn)

    def start(self) -> None:
        self.container.spawn_managed_thread(self._loop.run, identifier="consumer")

    def stop(self) -> None:
        self._loop.stop(STOP_SECONDS)

    def kill(self) -> None:
        self._loop.kill()

    def _spawn(self, deliveries: Sequence[Delivery], done: Callable[[BaseException | None], None]) -> None:
        def handled(worker_ctx: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
            done(exc_info[1] if exc_info else None)
            return result, exc_info

        self.container.spawn_worker(self, (deliveries,), {}, context_data={}, handle_result=handled)


consume = Consume.decorator
