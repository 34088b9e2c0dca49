"""The address of an HTTP server in parts, such as `http://user:password@[::1]:15672/prefix`."""

from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import SplitResult, quote, unquote, urlsplit

import idna
from urllib3.connection import HTTPConnection, HTTPSConnection

from concord_http.tls import CA_VARIABLE, TlsFiles

PORTS = {"http": 80, "https": 443}
MAX_LABEL = 63


@dataclass(frozen=True, slots=True)
class ServerAddress:
    """`host` has no brackets; `prefix` is the path in front of every request's path, without a final slash.

    `tls` are the certificates for https, None for the system's.
    """

    scheme: str
    host: str
    port: int
    prefix: str = ""
    user: str | None = None
    password: str = field(default="", repr=False)
    tls: TlsFiles | None = None

    @classmethod
    def parse(cls, url: str, default_port: int | None = None, tls: TlsFiles | None = None) -> "ServerAddress":
        """Read a URL; its host becomes ASCII by IDNA 2008.

        Raises ValueError, whose text completes "The URL …", when `url` is no http or https URL with a host.
        """
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("must look like http://host:port")
        host, port = ascii_host(parts.hostname), _port(parts)
        port = default_port or PORTS[parts.scheme] if port is None else port
        user = unquote(parts.username) if parts.username else None
        password = unquote(parts.password or "")
        return cls(parts.scheme, host, port, parts.path.rstrip("/"), user, password, tls)

    @property
    def authority(self) -> str:
        """Host and port, an IPv6 address in brackets."""
        return f"{bracketed(self.host)}:{self.port}"

    @property
    def ca_variable(self) -> str | None:
        """The variable that names the file of trusted CA certificates, None for a server that the system's cover."""
        return None if self.tls is None else CA_VARIABLE

    @property
    def url(self) -> str:
        """The URL without the login."""
        return f"{self.scheme}://{self.authority}{self.prefix}"

    def with_login(self, user: str, password: str) -> str:
        """Return the URL with another login in it."""
        return f"{self.scheme}://{quote(user, safe='')}:{quote(password, safe='')}@{self.authority}{self.prefix}"

    def headers(self, bearer: str | None = None) -> dict[str, str]:
        """Return the Authorization header: `bearer`, else the URL's login, else none."""
        if bearer is not None:
            return {"Authorization": f"Bearer {bearer}"}
        if self.user is None:
            return {}
        login = b64encode(f"{self.user}:{self.password}".encode()).decode()
        return {"Authorization": f"Basic {login}"}

    def connection(self, seconds: float) -> HTTPConnection:
        """Return a connection, not open yet, whose every wait ends after `seconds`. It never uses a proxy.

        Raises TlsFileError.
        """
        if self.scheme == "https":
            return HTTPSConnection(
                self.host, self.port, timeout=seconds, ssl_context=(self.tls or TlsFiles()).context()
            )
        return HTTPConnection(self.host, self.port, timeout=seconds)


def ascii_host(host: str) -> str:
    """Return a host name as DNS holds it. Raises ValueError. Sockets would turn `straße` into `strasse` (IDNA 2003)."""
    try:
        host = host if host.isascii() else idna.encode(host, uts46=True, std3_rules=True).decode()
    except idna.IDNAError:
        raise ValueError("must have a valid host name; its ASCII form begins with xn--") from None
    labels = host.removesuffix(".").split(".")
    if not all(0 < len(label) <= MAX_LABEL for label in labels) or any(char in host for char in ' <>\\^`{|}"'):
        raise ValueError(
            f"must have a host name such as host.example.org, with 1 to {MAX_LABEL} characters between dots"
        )
    return host


def _port(parts: SplitResult) -> int | None:
    """Return the TCP port in the URL, None without one. Raises ValueError."""
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise ValueError("must have a port from 1 to 65535, such as http://host:8080")
    return port


def bracketed(host: str) -> str:
    """Return the host as it stands in a URL."""
    return f"[{host}]" if ":" in host else host
