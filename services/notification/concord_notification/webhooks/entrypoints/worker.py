"""The worker that sends webhooks: one green thread for each endpoint with due events, up to a limit."""

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic

import eventlet
import structlog

from concord_bus.domain.error_location import error_location
from concord_bus.domain.errors import ResourceUnavailable
from concord_notification.delivery_worker import POLL_SECONDS, DeliveryWorker
from concord_notification.webhooks.application.binding_sync import BindingSync
from concord_notification.webhooks.application.deliver import BatchResult, WebhookDispatcher
from concord_notification.webhooks.application.maintenance import Maintenance
from concord_notification.webhooks.application.manage_endpoints import EndpointService
from concord_notification.webhooks.ports import DeliveryBatch

log = structlog.get_logger("concord.webhooks")

MAX_BATCHES = 64
MAX_FAILING_BATCHES = 32
"""The limit for endpoints whose last attempt failed, so that slow ones leave room for the others."""
MIN_PAUSE = 0.02
MAINTENANCE_SECONDS = 5.0
FINISH_SECONDS = 2.5


class WebhookWorker(DeliveryWorker):
    """Starts batches and records their results. Only its own green thread uses the database.

    After a stop, the next start sends unfinished deliveries again.
    """

    finish_seconds = 4.0
    abort_seconds = 0.0

    def __init__(self, dispatcher: WebhookDispatcher) -> None:
        super().__init__("webhooks", dispatcher.recover, dispatcher.stop)
        self._dispatcher = dispatcher
        self._in_progress: dict[str, bool] = {}  # by endpoint id: whether it was failing before
        self._results: list[BatchResult] = []

    def step(self) -> float:
        self._record()
        self._begin()
        eventlet.sleep(MIN_PAUSE)
        return POLL_SECONDS

    def finish(self) -> None:
        until = monotonic() + FINISH_SECONDS
        while self._in_progress and monotonic() < until:
            eventlet.sleep(MIN_PAUSE)
        try:
            self._record()
        except ResourceUnavailable as away:
            log.warning("cannot record webhooks: accepted events go out again", resource=away.resource)

    def _begin(self) -> None:
        free = MAX_BATCHES - len(self._in_progress)
        free_for_failing = max(0, MAX_FAILING_BATCHES - sum(self._in_progress.values()))
        if free <= 0:
            return
        for batch in self._dispatcher.claim(list(self._in_progress), free, free_for_failing):
            self._in_progress[batch.endpoint.id] = batch.endpoint.failures > 0
            eventlet.spawn(self._deliver, batch)

    def _deliver(self, batch: DeliveryBatch) -> None:
        try:
            self._results.append(self._dispatcher.deliver(batch))
        except Exception as error:  # the edge of this green thread: the claim ends by itself
            log.error("a webhook batch failed unexpectedly", cause=error_location(error))
        finally:
            del self._in_progress[batch.endpoint.id]
            self.wake()

    def _record(self) -> None:
        """Record all results at once. If that fails, record them one by one; a bad one's claim ends by itself."""
        results = list(self._results)
        if results and not self._recorded(results):
            for result in results:
                self._recorded([result])
        del self._results[: len(results)]

    def _recorded(self, results: list[BatchResult]) -> bool:
        try:
            self._dispatcher.record(results)
        except ResourceUnavailable:
            raise
        except Exception as error:  # the edge: one bad batch must not hold up the others
            ids = [result.batch.endpoint.id for result in results]
            log.error("cannot record webhook batches", cause=error_location(error), ids=ids)
            return False
        return True


@dataclass
class Webhooks:
    """The webhooks of the service: the commands for operators, and three loops."""

    endpoints: EndpointService
    worker: WebhookWorker
    bindings: BindingSync
    maintenance: Maintenance
    _stopped: threading.Event = field(default_factory=threading.Event)

    def loops(self) -> Mapping[str, Callable[[], None]]:
        return {
            "webhooks": self.worker.run,
            "webhook binder": self.bindings.run,
            "webhook upkeep": self._maintain,
        }

    def wake(self) -> None:
        self.worker.wake()

    def stop(self) -> None:
        self._stopped.set()
        self.bindings.stop()
        self.worker.stop()

    def _maintain(self) -> None:
        while not self._stopped.is_set():
            try:
                self.maintenance.run_once()
            except ResourceUnavailable as away:
                log.warning("the maintenance of webhooks waits", resource=away.resource)
            except Exception as error:  # the edge of this green thread: it must go on
                log.error("the maintenance of webhooks failed unexpectedly", cause=error_location(error))
            self._stopped.wait(MAINTENANCE_SECONDS)
