"""The loop of a delivery worker and its nameko provider; mails and webhooks use both."""

import threading
from collections.abc import Callable, Mapping
from typing import Protocol

import structlog

from concord_bus.backoff import Backoff
from concord_bus.domain.error_location import error_location
from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.extensions.from_config import FromConfig

POLL_SECONDS = 1.0
"""The longest pause. Another process may store deliveries, and a retry wakes no worker."""


class DeliveryWorker:
    """Calls `step` in one green thread until `stop`. A failure leads to another step after a growing wait.

    Subclasses implement `step`; they may extend `finish` and `abort`.
    """

    finish_seconds = 2.5
    abort_seconds = 2.0

    def __init__(self, name: str, recover: Callable[[], None], request_stop: Callable[[], None]) -> None:
        """`name` begins the log messages, such as `sending`.

        `recover` releases the claims of stopped processes, before the first step. It may raise ResourceUnavailable.
        After `request_stop` no attempt begins.
        """
        self._name = name
        self._recover = recover
        self._request_stop = request_stop
        self._log = structlog.get_logger("concord.notification")
        self._woken = threading.Event()
        self._ended = threading.Event()
        self._backoff = Backoff()
        self._stopping = False
        self._recovered = False

    def step(self) -> float:
        """Do what is due. Return the seconds to wait for the next step. Raises ResourceUnavailable."""
        raise NotImplementedError

    def finish(self) -> None:
        """Clean up after the last step."""

    def abort(self) -> None:
        """End the attempts in progress."""

    def wake(self) -> None:
        """Run the next step now: something may be due."""
        self._woken.set()

    def run(self) -> None:
        """Run steps until `stop`."""
        while not self._stopping:
            self._woken.clear()
            try:
                pause = self._step()
            except ResourceUnavailable as away:
                pause = self._failed(f"{self._name} waits", away.resource)
            except Exception as error:  # the edge of this green thread: it must go on
                pause = self._failed(f"{self._name} failed unexpectedly", error_location(error))
            if pause > 0 and not self._stopping:
                self._woken.wait(pause)
        self.finish()
        self._ended.set()

    def stop(self) -> None:
        """Wait for the attempts in progress; abort them after `finish_seconds`."""
        self._stopping = True
        self._request_stop()
        self._woken.set()
        if not self._ended.wait(self.finish_seconds):
            self.abort()
            self._ended.wait(self.abort_seconds)

    def _step(self) -> float:
        if not self._recovered:
            self._recover()
            self._recovered = True
        pause = self.step()
        self._backoff.reset()
        return pause

    def _failed(self, message: str, cause: str) -> float:
        self._woken.clear()
        wait = self._backoff.seconds()
        self._log.warning(message, cause=cause, retry_in=round(wait, 1))
        return wait


class Runnable(Protocol):
    """Loops that run beside the service, each in a green thread of its own."""

    def loops(self) -> Mapping[str, Callable[[], None]]: ...

    def stop(self) -> None: ...


class RunnableProvider(FromConfig):
    """Runs the loops of an entry of the config, and gives the entry to the service."""

    def setup(self) -> None:
        self._runnable: Runnable = self.container.config[self._name]

    def start(self) -> None:
        for name, loop in self._runnable.loops().items():
            self.container.spawn_managed_thread(loop, identifier=name)

    def stop(self) -> None:
        self._runnable.stop()

    kill = stop
