"""One streamed request to intake: lines go out in one thread while their answers are read in another."""

import http.client
import json
import socket
import threading
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote, urlsplit

SECONDS = 60.0
"""Longest silence of intake before the connection is given up."""
LINES_A_CHUNK = 100


class Interrupted(Exception):
    """The connection broke, or intake is away for now: send the unanswered lines again."""


class Refused(Exception):
    """Intake does not take this request at all; the text says why."""


def send(url: str, source: str, lines: Iterable[bytes], token: str | None = None) -> Iterator[dict[str, Any]]:
    """Yield the answer to each line as it comes. `url` is intake's. Raises Interrupted or Refused."""
    connection = _connection(url)
    try:
        connection.connect()
        connection.putrequest("POST", f"/v1/concerns:batch?source={_quoted(source)}")
        connection.putheader("Content-Type", "application/x-ndjson")
        connection.putheader("Transfer-Encoding", "chunked")
        if token:
            connection.putheader("Authorization", f"Bearer {token}")
        connection.endheaders()
        yield from _answers(connection.sock, lines)
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Interrupted(str(error) or type(error).__name__) from error
    finally:
        connection.close()


def _connection(url: str) -> http.client.HTTPConnection:
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    return kind(parts.hostname or "", parts.port, timeout=SECONDS)


def _answers(sock: socket.socket, lines: Iterable[bytes]) -> Iterator[dict[str, Any]]:
    sender = threading.Thread(target=_send_all, args=(sock, lines), name="import", daemon=True)
    sender.start()
    response = http.client.HTTPResponse(sock, method="POST")
    try:
        response.begin()
        if response.status != 200:
            _explain(response)
        for line in response:
            yield json.loads(line)
    finally:
        _break_off(sock)
        sender.join(SECONDS)
        response.close()


def _send_all(sock: socket.socket, lines: Iterable[bytes]) -> None:
    """Send the lines in chunks. When the connection breaks, the reader of the answers notices."""
    try:
        some: list[bytes] = []
        for line in lines:
            some.append(line)
            if len(some) == LINES_A_CHUNK:
                _send_chunk(sock, b"".join(some))
                some = []
        if some:
            _send_chunk(sock, b"".join(some))
        sock.sendall(b"0\r\n\r\n")
    except OSError:
        return


def _send_chunk(sock: socket.socket, content: bytes) -> None:
    sock.sendall(b"%x\r\n%b\r\n" % (len(content), content))


def _break_off(sock: socket.socket) -> None:
    try:
        sock.shutdown(socket.SHUT_RDWR)
    except OSError:
        return


def _explain(response: http.client.HTTPResponse) -> None:
    text = response.read(2000).decode("utf-8", "replace")
    if response.status >= 500 or response.status in (408, 429):
        raise Interrupted(f"intake answered {response.status}")
    raise Refused(f"intake answered {response.status}: {text}")


def _quoted(source: str) -> str:
    return quote(source, safe="")
