"""Reads when certificates end: those in files, and those that servers show.

It imports the parser when there is something to parse: a service without TLS saves 1.2 MiB.
"""

import socket
import ssl
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import URL, make_url

from concord_bus.domain.certificates import Certificate
from concord_bus.settings import BrokerAddress
from concord_http.tls import TlsFiles

SECONDS = 5.0
POSTGRES_PORT = 5432
SSL_REQUEST = bytes.fromhex("0000000804d2162f")
"""PostgreSQL's SSLRequest: its length, and a code in place of a version. The server then answers `S` for yes."""
VERIFIED = ("require", "verify-ca", "verify-full")


@dataclass(frozen=True, slots=True)
class Server:
    """A server with TLS. `postgres` is whether TLS begins only after PostgreSQL's request for it.

    `own` is our certificate with its key, for a server that wants one.
    """

    host: str
    port: int
    postgres: bool = False
    own: tuple[str, str | None] | None = None

    def certificate(self) -> Certificate | None:
        """Return the certificate that the server shows, valid or not; None without a response or without TLS."""
        from cryptography import x509

        shown = None
        with suppress(OSError, ValueError):
            shown = _shown(self)
        if not shown:
            return None
        name = f"the certificate of {self.host}:{self.port}"
        return Certificate(name, x509.load_der_x509_certificate(shown).not_valid_after_utc)


@dataclass(frozen=True, slots=True)
class Sources:
    """Where certificates are: servers, and PEM files with the words that say what is in them."""

    servers: tuple[Server, ...] = ()
    files: tuple[tuple[str, str], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.servers or self.files)

    def __add__(self, other: "Sources") -> "Sources":
        servers = dict.fromkeys((*self.servers, *other.servers))
        return Sources(tuple(servers), tuple(dict.fromkeys((*self.files, *other.files))))

    def certificates(self) -> Iterator[Certificate]:
        """Yield every certificate that can be read. Another check reports the others."""
        for server in self.servers:
            if certificate := server.certificate():
                yield certificate
        for name, file in self.files:
            yield from _in_file(name, file)


def broker_sources(address: BrokerAddress) -> Sources:
    """Return the certificates of connections to the broker; none without TLS."""
    if address.tls is None:
        return Sources()
    return server_sources(address.host, address.port, address.tls)


def server_sources(host: str, port: int, tls: TlsFiles) -> Sources:
    """Return the certificates of connections with TLS to a server."""
    named = (("the CA certificate", tls.ca), ("our certificate", tls.certificate))
    own = (tls.certificate, tls.key) if tls.certificate else None
    return Sources((Server(host, port, own=own),), tuple((name, file) for name, file in named if file))


def database_sources(url: str) -> Sources:
    """Return the certificates of connections to a database; none unless its URL demands TLS."""
    parsed = make_url(url)
    if _parameter(parsed, "sslmode") not in VERIFIED:
        return Sources()
    host = parsed.host or _parameter(parsed, "host")
    single = host and "," not in host and not host.startswith("/")
    servers = (Server(host, parsed.port or POSTGRES_PORT, postgres=True),) if host and single else ()
    named = (("the CA certificate", "sslrootcert"), ("our certificate", "sslcert"))
    found = ((name, _parameter(parsed, parameter)) for name, parameter in named)
    return Sources(servers, tuple((name, file) for name, file in found if file and file != "system"))


def _parameter(url: URL, name: str) -> str | None:
    value = url.query.get(name)
    return value if isinstance(value, str) else None


def _shown(server: Server) -> bytes | None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False  # only to read: an invalid certificate has an end too
    context.verify_mode = ssl.CERT_NONE
    if server.own:
        context.load_cert_chain(*server.own)
    with closing(socket.create_connection((server.host, server.port), SECONDS)) as plain:
        if server.postgres:
            plain.sendall(SSL_REQUEST)
            if plain.recv(1) != b"S":
                return None
        with context.wrap_socket(plain, server_hostname=server.host) as wrapped:
            return wrapped.getpeercert(binary_form=True)


def _in_file(name: str, file: str) -> Iterator[Certificate]:
    from cryptography import x509

    with suppress(OSError, ValueError):
        for found in x509.load_pem_x509_certificates(Path(file).read_bytes()):
            yield Certificate(f"{name} in {file}", found.not_valid_after_utc)
