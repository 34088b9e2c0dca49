"""Mails over SMTP: a few green threads, each with a connection that it reuses."""

import smtplib
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parseaddr

import eventlet
from eventlet.greenthread import GreenThread
from eventlet.timeout import Timeout

from concord_notification.mail.message import Mail
from concord_notification.mail.mime_encoder import MimeEncoder
from concord_notification.mail.send_result import NOT_ATTEMPTED, SENT, SendOutcome, SendResult
from concord_notification.mail.smtp_address import SmtpAddress
from concord_notification.mail.smtp_connection import Progress, SmtpConnection, result_of_error

MAX_CONNECTIONS = 16
ATTEMPT_SECONDS = 25.0
"""The limit of one attempt, connecting included, even when the server sends byte by byte."""

CONNECTION_ERRORS = (smtplib.SMTPException, OSError)


class Aborted(Exception):
    """The service stops now: end the attempt."""


@dataclass
class _Batch:
    """The mails of one call of `send`, and their results so far."""

    mails: deque[tuple[int, Mail]]
    results: list[SendResult]
    may_begin: Callable[[], bool]
    away: bool = False


class SmtpMailer:
    """Implements `ports.Mailer`. It needs eventlet's monkey patching; without it, it sends one mail after the other."""

    def __init__(self, address: SmtpAddress, sender: str, connections: int = MAX_CONNECTIONS) -> None:
        self._address = address
        self._sender = parseaddr(sender)[1]
        self._mime = MimeEncoder(sender)
        self._max_connections = connections
        self._idle: list[SmtpConnection] = []
        self._workers: list[GreenThread] = []

    def send(self, mails: Sequence[Mail], may_begin: Callable[[], bool]) -> list[SendResult]:
        batch = _Batch(deque(enumerate(mails)), [NOT_ATTEMPTED] * len(mails), may_begin)
        self._workers = [eventlet.spawn(self._work, batch) for _ in range(min(self._max_connections, len(mails)))]
        for worker in self._workers:
            with suppress(Aborted):  # reaches this place only from a worker that had not begun
                worker.wait()
        self._workers = []
        return batch.results

    def probe(self) -> SendResult:
        try:
            with Timeout(ATTEMPT_SECONDS, TimeoutError):
                self._idle.append(SmtpConnection(self._address))
        except CONNECTION_ERRORS as error:
            return result_of_error(error, Progress())
        return SENT

    def abort(self) -> None:
        """End the attempts in progress; `send` returns the result of each so far."""
        for worker in self._workers:
            eventlet.kill(worker, Aborted)

    def close(self) -> None:
        """Close the idle connections."""
        while self._idle:
            self._idle.pop().close()

    def _work(self, batch: _Batch) -> None:
        """Send until no mail is left or the server turns out to be away."""
        try:
            while batch.mails and not batch.away and batch.may_begin():
                index, mail = batch.mails.popleft()
                result = self._attempt(mail)
                batch.results[index] = result
                batch.away = batch.away or result.outcome is SendOutcome.BACK_OFF
        except Aborted:
            batch.away = True

    def _attempt(self, mail: Mail) -> SendResult:
        progress = Progress()
        try:
            with Timeout(ATTEMPT_SECONDS, TimeoutError):
                return self._send(mail, progress)
        except CONNECTION_ERRORS as error:
            return result_of_error(error, progress)
        except ValueError:  # no encoding exists for this mail, now or later
            return SendResult(SendOutcome.REJECTED, "writing")
        except Aborted:
            return SendResult(SendOutcome.RETRY, "stopped", maybe_sent=True) if progress.maybe_sent else NOT_ATTEMPTED

    def _send(self, mail: Mail, progress: Progress) -> SendResult:
        """Use an idle connection. If the server closed it before the mail was on its way, use a new one."""
        content = self._mime.encode(mail)
        connection = self._take_idle()
        if connection:
            try:
                result = self._send_over(connection, mail, content, progress)
                if result.outcome is not SendOutcome.BACK_OFF:
                    return result
            except CONNECTION_ERRORS:
                if progress.maybe_sent:
                    raise
        return self._send_over(SmtpConnection(self._address), mail, content, progress)

    def _send_over(self, connection: SmtpConnection, mail: Mail, content: bytes, progress: Progress) -> SendResult:
        try:
            result = connection.send(self._sender, mail.recipient, content, progress)
        except BaseException:
            connection.close()
            raise
        if connection.reusable and result.outcome is not SendOutcome.BACK_OFF:
            self._idle.append(connection)
        else:
            connection.close()
        return result

    def _take_idle(self) -> SmtpConnection | None:
        while self._idle:
            connection = self._idle.pop()
            if connection.reusable:
                return connection
            connection.close()
        return None
