"""The green threads that visit endpoints: one for each endpoint with something due, a bounded number in all."""

import threading
from time import monotonic
from typing import Any

import eventlet
import structlog
from nameko.extensions import DependencyProvider

from concord_bus.backoff import Backoff
from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.pipeline import place_of
from concord_notification.webhooks.application.binding_sync import Binder
from concord_notification.webhooks.application.deliver import Courier, Visited
from concord_notification.webhooks.application.maintenance import Upkeep
from concord_notification.webhooks.application.manage_endpoints import Desk
from concord_notification.webhooks.ports import Visit

log = structlog.get_logger("concord.webhooks")

MOST_VISITS = 64
MOST_DOUBTFUL = 32
"""Of these visits, so many may be to endpoints whose last attempt failed: those that hang leave room for the others."""
LOOK_SECONDS = 1.0
"""The longest pause: deliveries of another process may be due, and what was put off wakes nobody."""
SHORTEST_PAUSE = 0.02
UPKEEP_SECONDS = 5.0
FINISH_SECONDS = 2.5
STOP_SECONDS = 4.0


class Rounds:
    """Starts visits and records them until told to stop. Only its own green thread uses the database."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier
        self._under_way: dict[str, bool] = {}
        self._visited: list[Visited] = []
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._backoff = Backoff()
        self._stopping = False
        self._recovered = False

    def wake(self) -> None:
        """Something may have become due."""
        self._wake.set()

    def run(self) -> None:
        """Until stopped. Every failure ends in another look after a growing wait."""
        while not self._stopping:
            try:
                self._step()
                self._backoff.reset()
            except ResourceUnavailable as away:
                self._rest("webhooks wait", away.resource)
            except Exception as error:  # the edge of this green thread: it must go on
                self._rest("webhooks met something unexpected", place_of(error))
        self._finish()
        self._ended.set()

    def stop(self) -> None:
        """Begin nothing, wait a little for the attempts under way; what is left is sent once more after the start."""
        self._stopping = True
        self._courier.stop()
        self._wake.set()
        self._ended.wait(STOP_SECONDS)

    def _step(self) -> None:
        if not self._recovered:
            self._courier.recover()
            self._recovered = True
        self._wake.clear()
        self._record()
        self._begin()
        eventlet.sleep(SHORTEST_PAUSE)
        self._wake.wait(LOOK_SECONDS)

    def _begin(self) -> None:
        free = MOST_VISITS - len(self._under_way)
        free_for_doubtful = max(0, MOST_DOUBTFUL - sum(self._under_way.values()))
        if free <= 0:
            return
        for visit in self._courier.claim(list(self._under_way), free, free_for_doubtful):
            self._under_way[visit.endpoint.id] = visit.endpoint.failures > 0
            eventlet.spawn(self._visit, visit)

    def _visit(self, visit: Visit) -> None:
        try:
            self._visited.append(self._courier.deliver(visit))
        except Exception as error:  # the edge of this green thread: the claim ends by itself
            log.error("a webhook visit met something unexpected", cause=place_of(error))
        finally:
            del self._under_way[visit.endpoint.id]
            self._wake.set()

    def _record(self) -> None:
        """All at once, or one by one when one of them cannot be recorded: its claim then ends by itself."""
        visited = list(self._visited)
        if not visited:
            return
        try:
            self._courier.record(visited)
        except ResourceUnavailable:
            raise
        except Exception as error:  # the edge: one bad visit must not hold up the others
            log.error("webhook visits are recorded one by one", cause=place_of(error))
            for each in visited:
                self._record_alone(each)
        del self._visited[: len(visited)]

    def _record_alone(self, visited: Visited) -> None:
        try:
            self._courier.record([visited])
        except ResourceUnavailable:
            raise
        except Exception as error:  # the edge: see above
            log.error("a webhook visit cannot be recorded", cause=place_of(error), id=visited.visit.endpoint.id)

    def _finish(self) -> None:
        until = monotonic() + FINISH_SECONDS
        while self._under_way and monotonic() < until:
            eventlet.sleep(SHORTEST_PAUSE)
        try:
            self._record()
        except ResourceUnavailable as away:
            log.warning("webhooks could not be recorded: what arrived is sent once more", resource=away.resource)

    def _rest(self, message: str, cause: str) -> None:
        wait = self._backoff.seconds()
        log.warning(message, cause=cause, retry_in=round(wait, 1))
        self._wake.clear()
        if not self._stopping:
            self._wake.wait(wait)


class WebhookPart:
    """What the service has of webhooks: the desk for operators, the rounds to be woken, the binder, and the upkeep."""

    def __init__(self, desk: Desk, rounds: Rounds, binder: Binder, upkeep: Upkeep) -> None:
        self.desk = desk
        self.rounds = rounds
        self.binder = binder
        self._upkeep = upkeep
        self._over = threading.Event()

    def wake(self) -> None:
        self.rounds.wake()

    def keep_up(self) -> None:
        """Until stopped."""
        while not self._over.is_set():
            try:
                self._upkeep.run_once()
            except ResourceUnavailable as away:
                log.warning("the upkeep of webhooks waits", resource=away.resource)
            except Exception as error:  # the edge of this green thread: it must go on
                log.error("the upkeep of webhooks met something unexpected", cause=place_of(error))
            self._over.wait(UPKEEP_SECONDS)

    def stop(self) -> None:
        self._over.set()
        self.binder.stop()
        self.rounds.stop()


class WebhookSender(DependencyProvider):  # type: ignore[misc]
    """Runs what the container's WebhookPart has to run and gives it to the service."""

    def setup(self) -> None:
        self._part: WebhookPart = self.container.config["webhooks"]

    def start(self) -> None:
        self.container.spawn_managed_thread(self._part.rounds.run, identifier="webhooks")
        self.container.spawn_managed_thread(self._part.binder.run, identifier="webhook binder")
        self.container.spawn_managed_thread(self._part.keep_up, identifier="webhook upkeep")

    def stop(self) -> None:
        self._part.stop()

    def kill(self) -> None:
        self._part.stop()

    def get_dependency(self, worker_ctx: Any) -> WebhookPart:
        return self._part
