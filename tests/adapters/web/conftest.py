"""The real server in a process of its own, and a client that sends exactly the bytes it is told to."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

SERVED = Path(__file__).with_name("served.py")


@dataclass
class Reply:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Client:
    """One connection. Every wait is bounded by `timeout` seconds."""

    def __init__(self, port: int, timeout: float = 10.0) -> None:
        self.sock = socket.create_connection(("127.0.0.1", port), timeout=timeout)
        self.file = self.sock.makefile("rb")

    def send(self, data: bytes) -> Client:
        self.sock.sendall(data)
        return self

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        lines = [f"{method} {path} HTTP/1.1", "Host: localhost"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join([*lines, "", ""]).encode() + (body or b""))
        return self.reply(method)

    def head(self) -> tuple[int, dict[str, str]]:
        line = self.file.readline()
        if not line:
            raise ConnectionError("closed without an answer")
        headers = {}
        while (field := self.file.readline().rstrip(b"\r\n").decode("latin-1")) != "":
            name, _, value = field.partition(": ")
            headers[name.lower()] = value
        return int(line.split()[1]), headers

    def reply(self, method: str = "GET") -> Reply:
        status, headers = self.head()
        if method == "HEAD" or status in (100, 204):
            return Reply(status, headers, b"")
        if headers.get("transfer-encoding") == "chunked":
            return Reply(status, headers, b"".join(iter(self.chunk, b"")))
        length = headers.get("content-length")
        return Reply(status, headers, self.file.read(int(length)) if length else self.file.read())

    def chunk(self) -> bytes:
        """The next chunk of an answer; b"" at its end."""
        line = self.file.readline()
        if not line:
            raise ConnectionError("broken off within a chunked body")
        data = self.file.read(int(line, 16))
        assert self.file.readline() == b"\r\n"
        return data

    def closed(self) -> bool:
        """Wait for the server to close; False when it sends something instead or keeps it open."""
        try:
            return self.file.read(1) == b""
        except ConnectionError:
            return True
        except TimeoutError:
            return False

    def close(self) -> None:
        self.file.close()
        self.sock.close()


class Running:
    """A started server."""

    def __init__(self, process: subprocess.Popen[str], port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self._log = log

    def client(self, timeout: float = 10.0) -> Client:
        return Client(self.port, timeout)

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> Reply:
        client = self.client()
        try:
            return client.ask(method, path, body, **headers)
        finally:
            client.close()

    def log(self) -> str:
        return self._log.read_text()

    def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(20)

    def eventually(self, what: Callable[[], bool], seconds: float = 10.0) -> None:
        """Poll until it holds; fails the test when it does not within `seconds`."""
        deadline = time.monotonic() + seconds
        while not what():
            assert time.monotonic() < deadline, f"did not happen within {seconds} s; log: {self.log()}"
            time.sleep(0.02)


Serve = Callable[..., Running]


def _start(folder: Path, descriptors: int | None = None, **web: Any) -> Running:
    log = folder / f"log-{time.monotonic_ns()}"
    config = {"web": {"port": 0, **web}, "descriptors": descriptors}
    with log.open("w") as stderr:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", str(SERVED), json.dumps(config)],
            stdout=subprocess.PIPE,
            stderr=stderr,
            text=True,
        )
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        process.wait(10)
        return Running(process, 0, log)
    return Running(process, int(line), log)


def _end(running: Running) -> None:
    if running.process.poll() is None:
        running.process.kill()
        running.process.wait(10)
    if running.process.stdout is not None:
        running.process.stdout.close()


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Serve]:
    """Start a server with these settings; ended with the test."""
    started: list[Running] = []

    def start(**settings: Any) -> Running:
        started.append(_start(tmp_path, **settings))
        return started[-1]

    yield start
    for running in started:
        _end(running)


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server with the default limits for the tests of a file."""
    running = _start(tmp_path_factory.mktemp("served"))
    yield running
    _end(running)


@pytest.fixture(scope="module")
def cross_origin_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One server that is open to two sites, for the tests of a file."""
    running = _start(
        tmp_path_factory.mktemp("served"), cors_origins=["https://www.city.example.org", "http://localhost:5173"]
    )
    yield running
    _end(running)
