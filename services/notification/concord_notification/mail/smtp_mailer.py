"""Mails over SMTP: a few green threads, each with a connection that is kept."""

import smtplib
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from email.utils import parseaddr

import eventlet
import structlog
from eventlet.greenthread import GreenThread
from eventlet.timeout import Timeout

from concord_notification.mail.message import Mail
from concord_notification.mail.mime_encoder import MimeWriter
from concord_notification.mail.smtp_connection import Line, Progress, trouble
from concord_notification.notices.domain.send_result import SENT, UNTRIED, Remedy, Result
from concord_notification.settings import SmtpAddress

log = structlog.get_logger("concord.smtp")

LINES = 16
ATTEMPT_SECONDS = 25.0
"""The most that one attempt may take, connecting included, however slowly the server drips."""

BROKEN = (smtplib.SMTPException, OSError)


class Aborted(Exception):
    """The service stops now: leave the attempt."""


@dataclass
class _Round:
    """A batch under way."""

    mails: deque[tuple[int, Mail]]
    results: list[Result]
    may_begin: Callable[[], bool]
    away: bool = field(default=False)


class SmtpMailer:
    """See `ports.Mailer`. Works under eventlet's monkey patching; without it, one mail after the other."""

    def __init__(self, address: SmtpAddress, sender: str, lines: int = LINES) -> None:
        self._address = address
        self._sender = parseaddr(sender)[1]
        self._mime = MimeWriter(sender)
        self._most = lines
        self._idle: list[Line] = []
        self._workers: list[GreenThread] = []

    def send(self, mails: Sequence[Mail], may_begin: Callable[[], bool]) -> list[Result]:
        batch = _Round(deque(enumerate(mails)), [UNTRIED] * len(mails), may_begin)
        self._workers = [eventlet.spawn(self._work, batch) for _ in range(min(self._most, len(mails)))]
        for each in self._workers:
            with suppress(Aborted):  # raised here only by one that had not begun
                each.wait()
        self._workers = []
        return batch.results

    def probe(self) -> Result:
        progress = Progress()
        try:
            with Timeout(ATTEMPT_SECONDS, TimeoutError):
                self._idle.append(Line(self._address))
        except BROKEN as error:
            return trouble(error, progress)
        return SENT

    def abort(self) -> None:
        """End the attempts under way; each is reported as it stood."""
        for each in self._workers:
            eventlet.kill(each, Aborted)

    def close(self) -> None:
        """Let the kept connections go."""
        while self._idle:
            self._idle.pop().close()

    def _work(self, batch: _Round) -> None:
        """Send until nothing is left, or the server turns out to be away."""
        try:
            while batch.mails and not batch.away and batch.may_begin():
                place, mail = batch.mails.popleft()
                result = self._attempt(mail)
                batch.results[place] = result
                batch.away = batch.away or result.remedy is Remedy.REST
        except Aborted:
            batch.away = True

    def _attempt(self, mail: Mail) -> Result:
        progress = Progress()
        try:
            with Timeout(ATTEMPT_SECONDS, TimeoutError):
                return self._over_some_line(mail, progress)
        except BROKEN as error:
            return trouble(error, progress)
        except ValueError:  # it cannot be put into a mail, now or later
            return Result(Remedy.NEVER, "writing")
        except Aborted:
            return Result(Remedy.LATER, "stopped", unsure=True) if progress.unsure else UNTRIED

    def _over_some_line(self, mail: Mail, progress: Progress) -> Result:
        """Over a kept line; when that was ended meanwhile, before the mail was on its way, over a new one."""
        content = self._mime.write(mail)
        line = self._kept()
        if line:
            try:
                result = self._over(line, mail, content, progress)
                if result.remedy is not Remedy.REST:
                    return result
            except BROKEN:
                if progress.unsure:
                    raise
        return self._over(Line(self._address), mail, content, progress)

    def _over(self, line: Line, mail: Mail, content: bytes, progress: Progress) -> Result:
        try:
            result = line.send(self._sender, mail.recipient, content, progress)
        except BaseException:
            line.close()
            raise
        if line.fresh and result.remedy is not Remedy.REST:
            self._idle.append(line)
        else:
            line.close()
        return result

    def _kept(self) -> Line | None:
        while self._idle:
            line = self._idle.pop()
            if line.fresh:
                return line
            line.close()
        return None
