"""Receivers of webhooks on loopback: a certificate authority of our own, and HTTPS servers that do as they are told."""

import datetime
import ipaddress
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

DAY = datetime.timedelta(days=1)


def _certificate(subject: str, key: Any, issuer: str, issuer_key: Any, *extensions: tuple[Any, bool]) -> Any:
    def name(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name(subject))
        .issuer_name(name(issuer))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - DAY)
        .not_valid_after(now + DAY)
    )
    for extension, critical in extensions:
        made = made.add_extension(extension, critical=critical)
    return made.sign(issuer_key, hashes.SHA256())


class Authority:
    """Issues certificates; `ca_file` is what a client must trust."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.ca_file = folder / "ca.pem"
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        extensions = (x509.BasicConstraints(ca=True, path_length=0), True), (usage, True)
        made = _certificate("Test authority", self._key, "Test authority", self._key, *extensions)
        self.ca_file.write_bytes(made.public_bytes(serialization.Encoding.PEM))

    def server_context(self, *names: str) -> ssl.SSLContext:
        key = ec.generate_private_key(ec.SECP256R1())
        alternatives = x509.SubjectAlternativeName([_general(each) for each in names])
        made = _certificate(names[0], key, "Test authority", self._key, (alternatives, False))
        file = self._folder / f"{names[0].replace('*', '_')}.pem"
        private = key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        file.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(file)
        return context


def _general(name: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(name))
    except ValueError:
        return x509.DNSName(name)


@dataclass(frozen=True)
class Got:
    """A request as it came."""

    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float


@dataclass
class Reply:
    """What to answer. `hang` says nothing for so many seconds; `drip_head` sends the head's bytes that far apart."""

    status: int = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    hang: float = 0.0
    drip_head: float = 0.0


class Receiver:
    """An HTTPS (or, without a context, HTTP) server on 127.0.0.1. `reply` decides about each request by its path."""

    def __init__(self, context: ssl.SSLContext | None = None, reply: Callable[[Got], Reply] | None = None) -> None:
        self.got: list[Got] = []
        self.reply = reply or (lambda got: Reply())
        self.connections = 0
        self._over = threading.Event()
        self._server = _server_of(self, context)
        self.port = self._server.server_address[1]
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)

    def url(self, path: str = "/", host: str = "localhost", scheme: str = "https") -> str:
        return f"{scheme}://{host}:{self.port}{path}"

    def __enter__(self) -> "Receiver":
        self._thread.start()
        return self

    def __exit__(self, *exc: object) -> None:
        self._over.set()
        self._server.shutdown()
        self._thread.join(5)
        self._server.server_close()

    def ids(self, path: str = "/") -> list[str]:
        return [each.headers["webhook-id"] for each in self.got if each.path == path]

    def wait(self, seconds: float) -> None:
        """Sleep, less when the receiver ends."""
        self._over.wait(seconds)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 512

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Clients that leave in the middle are what some tests are about."""


def _server_of(receiver: Receiver, context: ssl.SSLContext | None) -> _Server:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = 60

        def setup(self) -> None:
            if context:  # here and not in accept, so that a client that says nothing holds up nobody else
                self.request = context.wrap_socket(self.request, server_side=True)
            receiver.connections += 1
            super().setup()

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            headers = {name.lower(): value for name, value in self.headers.items()}
            got = Got(self.path, headers, body, time.monotonic())
            receiver.got.append(got)
            self._answer(receiver.reply(got))

        def _answer(self, reply: Reply) -> None:
            receiver.wait(reply.hang)
            self._drip = reply.drip_head
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(reply.body)))
            self.end_headers()
            self.wfile.write(reply.body)

        def flush_headers(self) -> None:
            head, self._headers_buffer = b"".join(self._headers_buffer), []
            for each in [bytes([byte]) for byte in head] if self._drip else [head]:
                self.wfile.write(each)
                receiver.wait(self._drip)

        def log_message(self, format: str, *args: Any) -> None:
            """Silent."""

    return _Server(("127.0.0.1", 0), Handler)
