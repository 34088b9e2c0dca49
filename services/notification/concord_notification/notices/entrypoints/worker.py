"""The green thread that sends: woken when something was committed, and by a timer for what was put off."""

import threading
from typing import Any, Protocol

import structlog
from nameko.extensions import DependencyProvider

from concord_bus.backoff import Backoff
from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.pipeline import place_of
from concord_notification.notices.application.dispatcher import Dispatch

log = structlog.get_logger("concord.notification")

LOOK_SECONDS = 1.0
"""The longest pause: notices of another process may be waiting, and messages retried wake nobody."""

FINISH_SECONDS = 2.5
ABORT_SECONDS = 2.0


class StoppableMailer(Protocol):
    """What stopping needs of the mailer."""

    def abort(self) -> None: ...

    def close(self) -> None: ...


class SendingLoop:
    """Runs a dispatch until told to stop, whatever happens."""

    def __init__(self, dispatch: Dispatch, mailer: StoppableMailer) -> None:
        self._dispatch = dispatch
        self._mailer = mailer
        self._wake = threading.Event()
        self._ended = threading.Event()
        self._backoff = Backoff()
        self._stopping = False
        self._recovered = False

    def wake(self) -> None:
        """Something may have become due."""
        self._wake.set()

    def run(self) -> None:
        """Until stopped. Every failure ends in another attempt after a growing wait."""
        while not self._stopping:
            try:
                self._step()
                self._backoff.reset()
            except ResourceUnavailable as away:
                self._rest("sending waits", away.resource)
            except Exception as error:  # the edge of this green thread: it must go on
                self._rest("sending met something unexpected", place_of(error))
        self._mailer.close()
        self._ended.set()

    def stop(self) -> None:
        """Finish the mails under way; break them off when that takes long."""
        self._stopping = True
        self._dispatch.stop()
        self._wake.set()
        if not self._ended.wait(FINISH_SECONDS):
            self._mailer.abort()
            self._ended.wait(ABORT_SECONDS)

    def _step(self) -> None:
        if not self._recovered:
            self._dispatch.recover()
            self._recovered = True
        self._wake.clear()
        pause = self._dispatch.pause(LOOK_SECONDS)
        if pause > 0:
            self._wake.wait(pause)
        else:
            self._dispatch.run_once()

    def _rest(self, message: str, cause: str) -> None:
        wait = self._backoff.seconds()
        log.warning(message, cause=cause, retry_in=round(wait, 1))
        self._wake.clear()
        if not self._stopping:
            self._wake.wait(wait)


class Sender(DependencyProvider):  # type: ignore[misc]
    """Runs the container's SendingLoop and gives it to the service, to be woken."""

    def setup(self) -> None:
        self._loop: SendingLoop = self.container.config["sending"]

    def start(self) -> None:
        self.container.spawn_managed_thread(self._loop.run, identifier="sender")

    def stop(self) -> None:
        self._loop.stop()

    def kill(self) -> None:
        self._loop.stop()

    def get_dependency(self, worker_ctx: Any) -> SendingLoop:
        return self._loop
