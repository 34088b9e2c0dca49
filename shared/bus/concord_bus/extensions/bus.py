"""`Bus`, the dependency that gives a service its runtime, and `consume`, the entrypoint that calls it with batches."""

from collections.abc import Callable, Sequence
from time import monotonic
from typing import Any

import eventlet
import structlog
from nameko.extensions import DependencyProvider, Entrypoint

from concord_bus.domain.delivery import Delivery
from concord_bus.domain.error_location import error_location
from concord_bus.domain.errors import DatabaseUnavailable, ResourceUnavailable
from concord_bus.extensions.consumer_loop import ConsumerLoop
from concord_bus.extensions.relay_loop import RelayLoop
from concord_bus.runtime import BusRuntime

log = structlog.get_logger("concord.bus")

STOP_SECONDS = 4.0
CONSUMER_STOP_SECONDS = 4.5
RETRY_SECONDS = 0.5
DELETE_OLD_SECONDS = 3600.0
END_WAITS_SECONDS = 60.0
LOOK_SECONDS = 3600.0
"""The pause between two looks at the certificates."""


class Bus(DependencyProvider):  # type: ignore[misc]
    """Gives the service its BusRuntime from the container's config, and runs the relay and the retries."""

    def setup(self) -> None:
        self.runtime: BusRuntime = self.container.config["bus"]
        self._relay = RelayLoop(self.runtime)
        self._stopping = False

    def start(self) -> None:
        self._relay_thread = self.container.spawn_managed_thread(self._relay.run, identifier="relay")
        self.container.spawn_managed_thread(self._retry, identifier="retry")
        if self.runtime.uses_certificates:
            self.container.spawn_managed_thread(self._watch_certificates, identifier="certificates")

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
        ends_waits_at, deletes_at = monotonic(), monotonic() + DELETE_OLD_SECONDS
        while not self._stopping:
            eventlet.sleep(RETRY_SECONDS)
            try:
                self.runtime.look_at_keys()
                if monotonic() >= ends_waits_at:
                    self.runtime.pipeline.end_overlong_waits()
                    ends_waits_at = monotonic() + END_WAITS_SECONDS
                self._retry_due()
                if monotonic() >= deletes_at:
                    self.runtime.forget_old(self._between_batches)
                    deletes_at = monotonic() + DELETE_OLD_SECONDS
            except DatabaseUnavailable as away:
                log.warning("retries wait", resource=away.resource, problem=away.problem)
            except ResourceUnavailable as away:
                log.warning("retries wait", resource=away.resource)
            except Exception as error:  # the edge: this green thread must continue
                log.error("retries failed unexpectedly", cause=error_location(error))

    def _watch_certificates(self) -> None:
        look_at = 0.0
        while not self._stopping:
            if monotonic() >= look_at:
                self.runtime.certificate_watch.look()
                look_at = monotonic() + LOOK_SECONDS
            eventlet.sleep(RETRY_SECONDS)

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
        self._loop.stop(CONSUMER_STOP_SECONDS)

    def kill(self) -> None:
        self._loop.kill()

    def _spawn(self, deliveries: Sequence[Delivery], done: Callable[[BaseException | None], None]) -> None:
        def handled(worker_ctx: Any, result: Any, exc_info: Any) -> tuple[Any, Any]:
            done(exc_info[1] if exc_info else None)
            return result, exc_info

        self.container.spawn_worker(self, (deliveries,), {}, context_data={}, handle_result=handled)


consume = Consume.decorator
