"""The encoding of a mail for SMTP: RFC 5322 and MIME, text only.

The few headers are built by hand because `email.message.EmailMessage` takes ten times as long (1.4 ms a mail).
"""

import binascii
from email.header import Header
from email.utils import format_datetime, formataddr, parseaddr

from concord_notification.mail.message import Mail

LINE_END = "\r\n"


class MimeEncoder:
    """Encodes mails. `sender` is the From setting, such as `Boston <concord@example.org>`."""

    def __init__(self, sender: str) -> None:
        self._from = formataddr(parseaddr(sender))

    def encode(self, mail: Mail) -> bytes:
        """Return the mail with CRLF line ends. UTF-8 appears only in `To`, for an address that needs it."""
        headers = (
            ("From", self._from),
            ("To", mail.recipient),
            ("Subject", encode_header(mail.subject)),
            ("Date", format_datetime(mail.date)),
            ("Message-ID", mail.id),
            ("Auto-Submitted", "auto-generated"),
            ("Content-Language", mail.language),
            ("MIME-Version", "1.0"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "quoted-printable"),
        )
        head = LINE_END.join(f"{name}: {_checked(value)}" for name, value in headers)
        body = LINE_END.join((*mail.body.rstrip("\n").split("\n"), ""))
        return head.encode() + b"\r\n\r\n" + binascii.b2a_qp(body.encode(), istext=True)


def encode_header(text: str) -> str:
    """Return a header's text, folded; in RFC 2047 encoding where it is not ASCII."""
    if text.isascii() and len(text) <= 66:
        return text
    return Header(text, "us-ascii" if text.isascii() else "utf-8", header_name="Subject").encode(linesep=LINE_END)


def _checked(value: str) -> str:
    """Return the value of a header. Raises ValueError when it would begin another header."""
    if any(char in value.replace("\r\n ", " ") for char in "\r\n\0"):
        raise ValueError("a header must not contain a line break")
    return value
