"""The address of an HTTP server in parts, such as `http://user:password@[::1]:15672/prefix`."""

from base64 import b64encode
from dataclasses import dataclass, field
from urllib.parse import quote, unquote, urlsplit

from urllib3.connection import HTTPConnection, HTTPSConnection

from concord_http.tls import CA_VARIABLE, TlsFiles

PORTS = {"http": 80, "https": 443}


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
        """Raises ValueError when `url` is no http or https URL with a host."""
        parts = urlsplit(url)
        if parts.scheme not in PORTS or not parts.hostname:
            raise ValueError("must look like http://host:port")
        port = parts.port or default_port or PORTS[parts.scheme]
        user = unquote(parts.username) if parts.username else None
        password = unquote(parts.password or "")
        return cls(parts.scheme, parts.hostname, port, parts.path.rstrip("/"), user, password, tls)

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


def bracketed(host: str) -> str:
    """Return the host as it stands in a URL."""
    return f"[{host}]" if ":" in host else host
