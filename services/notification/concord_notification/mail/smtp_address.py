"""The address of the mail server, read from a URL."""

from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from concord_bus.settings import SettingsError
from concord_http.address import ascii_host

DEFAULT_PORTS = {"smtp": 25, "smtps": 465}
SUBMISSION_PORT = 587


@dataclass(frozen=True, slots=True)
class SmtpAddress:
    """The mail server. Its printed form hides the password."""

    host: str
    port: int
    implicit_tls: bool = False
    user: str | None = None
    password: str | None = field(default=None, repr=False)

    @property
    def loopback(self) -> bool:
        return self.host in ("localhost", "127.0.0.1", "::1")

    @classmethod
    def parse(cls, url: str) -> "SmtpAddress":
        """Read `smtp://[user:password@]host[:port]` or `smtps://…`. Raises SettingsError."""
        try:
            parts = urlsplit(url)
            port, host = parts.port, ascii_host(parts.hostname or "")
        except ValueError:
            parts, port, host = urlsplit(""), -1, ""
        if parts.scheme not in DEFAULT_PORTS or port == -1 or parts.path not in ("", "/"):
            raise SettingsError("CONCORD_SMTP_URL must look like smtp://user:password@host:587 or smtps://host:465")
        default = SUBMISSION_PORT if parts.scheme == "smtp" and parts.username else DEFAULT_PORTS[parts.scheme]
        return cls(
            host=host,
            port=port or default,
            implicit_tls=parts.scheme == "smtps",
            user=unquote(parts.username) if parts.username else None,
            password=unquote(parts.password or "") if parts.username else None,
        )
