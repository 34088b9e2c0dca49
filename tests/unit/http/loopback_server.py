"""A real HTTP server on loopback whose responses the tests choose by path."""

import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any


class Server(ThreadingHTTPServer):
    """`requests` are method and path as they came; `connections` counts those accepted, `closed` those ended."""

    def __init__(self, host: str) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        super().__init__((host, 0), Handler)
        self.requests: list[tuple[str, str]] = []
        self.connections = 0
        self.ending, self.hung_up = threading.Event(), threading.Event()
        self.closed = threading.Semaphore(0)

    @property
    def url(self) -> str:
        host = self.server_address[0]
        return f"http://{f'[{host}]' if ':' in str(host) else host}:{self.server_port}"

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        self.closed.release()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Server

    def setup(self) -> None:
        super().setup()
        self.server.connections += 1

    def do_GET(self) -> None:
        self.server.requests.append((self.command, self.path))
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        name = self.path.partition("?")[0].rpartition("/")[2].replace("-", "_")
        respond = getattr(self, f"respond_{name}", None)
        if respond:
            return respond()
        given = {name.lower(): value for name, value in self.headers.items()}
        return self.reply(json.dumps({"path": self.path, "headers": given, "sent": sent.decode()}).encode())

    do_POST = do_PUT = do_DELETE = do_GET

    def reply(self, body: bytes, status: int = 200, **headers: str) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def respond_silent(self) -> None:
        self.server.ending.wait()

    def respond_slow_headers(self) -> None:
        self._drip(b"HTTP/1.1 200 OK\r\n", b"X: y\r\n")

    def respond_slow_body(self) -> None:
        self._drip(b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", b" ")

    def respond_slow_body_until_close(self) -> None:
        self._drip(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n", b" ")

    def _drip(self, head: bytes, drop: bytes) -> None:
        self.close_connection = True
        with suppress(OSError):
            self.wfile.write(head)
            while not self.server.ending.wait(0.02):
                self.wfile.write(drop)
            return
        self.server.hung_up.set()

    def respond_oversized(self) -> None:
        with suppress(OSError):
            self.reply(b"x" * 5_000_000)

    def respond_cut(self) -> None:
        self.reply(b"half", **{"Content-Length": "8"})
        self.close_connection = True

    def respond_html(self) -> None:
        self.reply(b"<html>Bad gateway</html>")

    def respond_unauthorized(self) -> None:
        self.reply(b'{"error": "not_authorised"}', 401)

    def respond_moved(self) -> None:
        self.reply(b"", 302, Location="/elsewhere")

    def respond_empty(self) -> None:
        self.reply(b"", 204)

    def respond_not_http(self) -> None:
        self.wfile.write(b"SSH-2.0-OpenSSH\r\n")
        self.close_connection = True

    def respond_then_closed(self) -> None:
        """Close the connection after a response that did not announce it."""
        self.reply(b"{}")
        self.close_connection = True

    def respond_hang_up(self) -> None:
        self.close_connection = True

    def log_message(self, format: str, *arguments: object) -> None:
        """Print nothing."""


@contextmanager
def serving(host: str = "127.0.0.1") -> Iterator[Server]:
    with Server(host) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.ending.set()
            server.shutdown()
            thread.join()
