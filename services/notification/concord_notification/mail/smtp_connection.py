"""One connection to the mail server, and the meaning of the server's reply codes."""

import re
import smtplib
import socket
import ssl
from contextlib import suppress
from time import monotonic

from concord_notification.mail.send_result import SENT, SendOutcome, SendResult
from concord_notification.mail.smtp_address import SmtpAddress

CONNECT_SECONDS = 5.0
ANSWER_SECONDS = 20.0
MAX_IDLE_SECONDS = 30.0
MAX_MAILS = 100
LOGIN_CODES = (530, 534, 535, 538)
"""Reply codes for an absent, weak or failed login (RFC 4954): the recipient is not at fault."""

_LEADING_DOT = re.compile(rb"^\.", re.MULTILINE)


class Progress:
    """The state of one attempt. `maybe_sent` is true from the first byte of the mail to the server's answer."""

    def __init__(self) -> None:
        self.maybe_sent = False


class SmtpConnection:
    """Connects on creation. Raises smtplib.SMTPException or OSError when the server refuses the connection."""

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
                raise smtplib.SMTPNotSupportedError("the server offers no TLS; the password needs an encrypted line")
            self._smtp.login(address.user, address.password or "")
        if self._smtp.sock:
            self._smtp.sock.settimeout(ANSWER_SECONDS)

    @property
    def reusable(self) -> bool:
        """True while another mail may use it. Servers close connections that are idle or busy for long."""
        return self.mails < MAX_MAILS and monotonic() - self._used_at < MAX_IDLE_SECONDS

    def send(self, sender: str, recipient: str, content: bytes, progress: Progress) -> SendResult:
        """Send one mail. Both addresses are bare, as `address.mailbox` returns them.

        Raises smtplib.SMTPException or OSError when the connection breaks; then read `progress`.
        """
        options = []
        if not recipient.isascii():
            if not self._smtp.has_extn("smtputf8"):
                return SendResult(SendOutcome.REJECTED, "smtputf8")
            options.append("SMTPUTF8")
            self._smtp.command_encoding = "utf-8"
        refusal = self._envelope(sender, recipient, options) or self._content(content, progress)
        self._smtp.command_encoding = "ascii"
        self._used_at = monotonic()
        self.mails += 1
        if refusal and refusal.outcome is not SendOutcome.BACK_OFF:
            self._smtp.rset()
        return refusal or SENT

    def _envelope(self, sender: str, recipient: str, options: list[str]) -> SendResult | None:
        code, _ = self._smtp.docmd("MAIL", " ".join((f"FROM:<{sender}>", *options)))
        if code != 250:  # the server refuses us as the sender: not this recipient's fault
            return SendResult(SendOutcome.BACK_OFF, str(code))
        code, _ = self._smtp.docmd("RCPT", f"TO:<{recipient}>")
        return None if code in (250, 251) else result_of_code(code)

    def _content(self, content: bytes, progress: Progress) -> SendResult | None:
        code, _ = self._smtp.docmd("DATA")
        if code != 354:
            return result_of_code(code)
        progress.maybe_sent = True
        self._smtp.send(_LEADING_DOT.sub(b"..", content) + b".\r\n")
        code, _ = self._smtp.getreply()
        progress.maybe_sent = False
        return None if code == 250 else result_of_code(code)

    def close(self) -> None:
        """Send QUIT and close without waiting for the answer."""
        with suppress(OSError, smtplib.SMTPException):
            self._smtp.putcmd("QUIT")
        self._smtp.close()


def result_of_code(code: int) -> SendResult:
    """Translate a reply code after RFC 5321: 4xx is temporary, 5xx permanent.

    421 closes the connection, and a failed login does not concern the recipient: both mean BACK_OFF.
    """
    if code == 421 or code in LOGIN_CODES:
        return SendResult(SendOutcome.BACK_OFF, str(code))
    return SendResult(SendOutcome.REJECTED if 500 <= code < 600 else SendOutcome.RETRY, str(code))


def result_of_error(error: Exception, progress: Progress) -> SendResult:
    """Translate an exception of a connection: the server is away or refuses us."""
    causes: tuple[tuple[type[Exception], str], ...] = (
        (TimeoutError, "timeout"),
        (ssl.SSLError, "tls"),
        (smtplib.SMTPNotSupportedError, "tls"),
        (smtplib.SMTPAuthenticationError, "login"),
        (smtplib.SMTPServerDisconnected, "lost"),
        (smtplib.SMTPResponseException, "answer"),
        (OSError, "connection"),
    )
    timed_out = isinstance(error.__context__, TimeoutError)  # smtplib reports it as a lost connection
    cause = "timeout" if timed_out else next((name for kind, name in causes if isinstance(error, kind)), "answer")
    return SendResult(SendOutcome.BACK_OFF, cause, progress.maybe_sent)
