"""The worker that sends notices: it runs after each commit, and on a timer for retries."""

from collections.abc import Callable, Mapping
from typing import Protocol

from concord_notification.delivery_worker import POLL_SECONDS, DeliveryWorker
from concord_notification.notices.application.dispatcher import Dispatcher


class StoppableMailer(Protocol):
    """The part of the mailer that stopping needs."""

    def abort(self) -> None: ...

    def close(self) -> None: ...


class NoticeWorker(DeliveryWorker):
    """Runs a dispatcher. Stopping aborts mails that take long."""

    def __init__(self, dispatcher: Dispatcher, mailer: StoppableMailer) -> None:
        super().__init__("sending")
        self._dispatcher = dispatcher
        self._mailer = mailer

    def loops(self) -> Mapping[str, Callable[[], None]]:
        return {"notices": self.run}

    def recover(self) -> None:
        self._dispatcher.recover()

    def step(self) -> float:
        pause = self._dispatcher.pause(POLL_SECONDS)
        if pause <= 0:
            self._dispatcher.run_once()
        return pause

    def request_stop(self) -> None:
        self._dispatcher.stop()

    def finish(self) -> None:
        self._mailer.close()

    def abort(self) -> None:
        self._mailer.abort()
