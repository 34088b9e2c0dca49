"""The worker that sends notices: it runs after each commit, and on a timer for retries."""

from collections.abc import Callable, Mapping

from concord_notification.delivery_worker import POLL_SECONDS, DeliveryWorker
from concord_notification.mail.smtp_mailer import SmtpMailer
from concord_notification.notices.application.dispatcher import Dispatcher


class NoticeWorker(DeliveryWorker):
    """Runs a dispatcher. Stopping aborts mails that take long."""

    def __init__(self, dispatcher: Dispatcher, mailer: SmtpMailer) -> None:
        super().__init__("sending", dispatcher.recover, dispatcher.stop)
        self._dispatcher = dispatcher
        self._mailer = mailer

    def loops(self) -> Mapping[str, Callable[[], None]]:
        return {"notices": self.run}

    def step(self) -> float:
        pause = self._dispatcher.pause(POLL_SECONDS)
        if pause <= 0:
            self._dispatcher.run_once()
        return pause

    def finish(self) -> None:
        self._mailer.close()

    def abort(self) -> None:
        self._mailer.abort()
