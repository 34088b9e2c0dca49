"""The green threads that visit endpoints: one for each endpoint with something due, a bounded number in all."""

import threading
from time import monotonic
from typing import Any

import eventlet
import structlog
from eventlet.greenthread import GreenThread
from nameko.extensions import DependencyProvider

from concord_bus.backoff import Backoff
from concord_bus.domain.errors import SlowDown
from concord_bus.pipeline import place_of
from concord_notification.webhooks.courier import Courier
from concord_notification.webhooks.desk import Desk
from concord_notification.webhooks.domain.endpoint import Endpoint

log = structlog.get_logger("concord.webhooks")

MOST_VISITS = 64
MOST_DOUBTFUL = 32
"""Of these visits, so many may be to endpoints whose last attempt failed: those that hang leave room for the others."""
LOOK_SECONDS = 1.0
"""The longest pause: deliveries of another process may be due, and what was put off wakes nobody."""
SHORTEST_PAUSE = 0.02
FINISH_SECONDS = 3.0


class Rounds:
    """Starts visits until told to stop, whatever happens."""

    def __init__(self, courier: Courier) -> None:
        self._courier = courier
        self._visits: dict[str, tuple[GreenThread, bool]] = {}
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
            except SlowDown as away:
                self._rest("webhooks wait", away.resource)
            except Exception as error:  # the edge of this green thread: it must go on
                self._rest("webhooks met something unexpected", place_of(error))
        self._ended.set()

    def stop(self) -> None:
        """Begin nothing, wait a little for the attempts under way; what is left is sent once more after the start."""
        self._stopping = True
        self._courier.stop()
        self._wake.set()
        until = monotonic() + FINISH_SECONDS
        while (self._visits or not self._ended.is_set()) and monotonic() < until:
            eventlet.sleep(SHORTEST_PAUSE)

    def _step(self) -> None:
        if not self._recovered:
            self._courier.recover()
            self._recovered = True
        self._wake.clear()
        for endpoint in self._courier.ready(list(self._visits), MOST_VISITS):
            self._begin(endpoint)
        eventlet.sleep(SHORTEST_PAUSE)
        self._wake.wait(LOOK_SECONDS)

    def _begin(self, endpoint: Endpoint) -> None:
        doubtful = endpoint.failures > 0
        full = len(self._visits) >= MOST_VISITS
        too_doubtful = doubtful and sum(each for _, each in self._visits.values()) >= MOST_DOUBTFUL
        if not (full or too_doubtful or self._stopping or endpoint.id in self._visits):
            self._visits[endpoint.id] = eventlet.spawn(self._visit, endpoint.id), doubtful

    def _visit(self, endpoint_id: str) -> None:
        try:
            self._courier.visit(endpoint_id)
        except SlowDown as away:
            log.warning("a webhook visit was cut short", resource=away.resource)
            eventlet.sleep(LOOK_SECONDS)
        except Exception as error:  # the edge of this green thread
            log.error("a webhook visit met something unexpected", cause=place_of(error))
            eventlet.sleep(LOOK_SECONDS)
        finally:
            self._visits.pop(endpoint_id, None)
            self._wake.set()

    def _rest(self, message: str, cause: str) -> None:
        wait = self._backoff.seconds()
        log.warning(message, cause=cause, retry_in=round(wait, 1))
        self._wake.clear()
        if not self._stopping:
            self._wake.wait(wait)


class WebhookPart:
    """What the service has of webhooks: the desk for operators, and the rounds to be woken."""

    def __init__(self, desk: Desk, rounds: Rounds) -> None:
        self.desk = desk
        self.rounds = rounds

    def wake(self) -> None:
        self.rounds.wake()


class WebhookSender(DependencyProvider):  # type: ignore[misc]
    """Runs the rounds of the container's WebhookPart and gives it to the service."""

    def setup(self) -> None:
        self._part: WebhookPart = self.container.config["webhooks"]

    def start(self) -> None:
        self.container.spawn_managed_thread(self._part.rounds.run, identifier="webhooks")

    def stop(self) -> None:
        self._part.rounds.stop()

    def kill(self) -> None:
        self._part.rounds.stop()

    def get_dependency(self, worker_ctx: Any) -> WebhookPart:
        return self._part
