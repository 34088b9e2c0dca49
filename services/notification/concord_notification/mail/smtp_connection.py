"""One connection to the mail server, and what each of its answers means for us."""

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from time import monotonic

from concord_notification.notices.domain.send_result import SENT, Remedy, Result
from concord_notification.settings import SmtpAddress

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 20.0
GOOD_FOR_SECONDS = 30.0
GOOD_FOR_MAILS = 100
TLS_MISSING = Result(Remedy.REST, "tls")
OUR_FAULT = (530, 534, 535, 538)
"""Authentication required, too weak or failed (RFC 4954): nothing is wrong with this recipient."""

_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


class Line:
    """Opens on creation. Raises smtplib.SMTPException or OSError when the server does not take us."""

    def __init__(self, address: SmtpAddress) -> None:
        self.mails = 0
        self._used_at = monotonic()
        kind = smtplib.SMTP_SSL if address.implicit_tls else smtplib.SMTP
        own_name = "localhost" if address.loopback else socket.gethostname()
        self._smtp = kind(address.host, address.port, local_hostname=own_name, timeout=CONNECT_SECONDS)
        try:
            self._greet(address)
        except BaseException:
            self._smtp.close()
            raise

    def _greet(self, address: SmtpAddress) -> None:
        self._smtp.ehlo_or_helo_if_needed()
        encrypted = address.implicit_tls
        if not encrypted and not address.loopback and self._smtp.has_extn("starttls"):
            self._smtp.starttls(context=ssl.create_default_context())
            self._smtp.ehlo()
            encrypted = True
        if address.user is not None:
            if not (encrypted or address.loopback):
                raise smtplib.SMTPNotSupportedError("no password is sent over a line that is not encrypted")
            self._smtp.login(address.user, address.password or "")
        if self._smtp.sock:
            self._smtp.sock.settimeout(ANSWER_SECONDS)

    @property
    def fresh(self) -> bool:
        """Whether it may be used again: servers end lines that were idle or busy for long."""
        return self.mails < GOOD_FOR_MAILS and monotonic() - self._used_at < GOOD_FOR_SECONDS

    def send(self, sender: str, recipient: str, content: bytes, progress: "Progress") -> Result:
        """Hand one mail over; both addresses are bare, as `domain.addressing.mailbox` gives them.

        Raises smtplib.SMTPException or OSError when the line breaks; see `progress`.
        """
        options = []
        if not recipient.isascii():
            if not self._smtp.has_extn("smtputf8"):
                return Result(Remedy.NEVER, "smtputf8")
            options.append("SMTPUTF8")
            self._smtp.command_encoding = "utf-8"
        refused = self._envelope(sender, recipient, options) or self._content(content, progress)
        self._smtp.command_encoding = "ascii"
        self._used_at = monotonic()
        self.mails += 1
        if refused and refused.remedy is not Remedy.REST:
            self._smtp.rset()
        return refused or SENT

    def _envelope(self, sender: str, recipient: str, options: list[str]) -> Result | None:
        code, _ = self._smtp.docmd("MAIL", " ".join((f"FROM:<{sender}>", *options)))
        if code != 250:  # it does not take mail from us: not this recipient's fault
            return Result(Remedy.REST, str(code))
        code, _ = self._smtp.docmd("RCPT", f"TO:<{recipient}>")
        return None if code in (250, 251) else meaning(code)

    def _content(self, content: bytes, progress: "Progress") -> Result | None:
        code, _ = self._smtp.docmd("DATA")
        if code != 354:
            return meaning(code)
        progress.unsure = True  # from here on the server may have it, whatever happens to the line
        self._smtp.send(_LEADING_DOT.sub(b"..", content) + b".\r\n")
        code, _ = self._smtp.getreply()
        progress.unsure = False
        return None if code == 250 else meaning(code)

    def close(self) -> None:
        """Say goodbye without waiting for an answer."""
        with suppress(OSError, smtplib.SMTPException):
            self._smtp.putcmd("QUIT")
        self._smtp.close()


class Progress:
    """`unsure` while the mail is written and the server has not said whether it has it."""

    def __init__(self) -> None:
        self.unsure = False


def meaning(code: int) -> Result:
    """RFC 5321: 4xx is for now, 5xx for good; 421 ends the line, and a refused login is no refused recipient."""
    if code == 421 or code in OUR_FAULT:
        return Result(Remedy.REST, str(code))
    return Result(Remedy.NEVER if 500 <= code < 600 else Remedy.LATER, str(code))


def trouble(error: Exception, progress: Progress) -> Result:
    """What an exception of a line means: the server is away or does not want us."""
    causes: tuple[tuple[type[Exception] | tuple[type[Exception], ...], str], ...] = (
        (TimeoutError, "timeout"),
        (ssl.SSLError, "tls"),
        (smtplib.SMTPNotSupportedError, "tls"),
        (smtplib.SMTPAuthenticationError, "login"),
        (smtplib.SMTPServerDisconnected, "lost"),
        (smtplib.SMTPResponseException, "answer"),
        (OSError, "connection"),
    )
    timed_out = isinstance(error.__context__, TimeoutError)  # smtplib tells of it as a lost connection
    cause = "timeout" if timed_out else next((name for kind, name in causes if isinstance(error, kind)), "answer")
    return Result(Remedy.REST, cause, unsure=progress.unsure)
