"""One request that streams lines both ways: they go out in one thread while the response is read in another."""

import http.client
import socket
import threading
from collections.abc import Iterable, Iterator
from contextlib import suppress

from urllib3.connection import HTTPConnection
from urllib3.exceptions import HTTPError

from concord_http.address import ServerAddress
from concord_http.errors import EXCERPT_CHARACTERS, UnexpectedStatusError, translated

LINES_PER_CHUNK = 100


def stream_lines(
    address: ServerAddress, path: str, lines: Iterable[bytes], *, bearer: str | None = None, seconds: float = 60.0
) -> Iterator[bytes]:
    """Send `lines` (NDJSON) by POST and yield the lines of the response as they come.

    The server may be silent for `seconds`; the whole has no limit. Raises UnreachableError, RequestTimeoutError,
    InvalidResponseError, and UnexpectedStatusError for any status but 200.
    """
    connection = address.connection(seconds)
    try:
        connection.connect()
        connection.putrequest("POST", address.prefix + path)
        connection.putheader("Content-Type", "application/x-ndjson")
        connection.putheader("Transfer-Encoding", "chunked")
        for name, value in address.headers(bearer).items():
            connection.putheader(name, value)
        connection.endheaders()
        yield from _response_lines(connection, lines, seconds)
    except (HTTPError, http.client.HTTPException, OSError) as error:
        raise translated(error, address.host, address.ca_variable) from error
    finally:
        connection.close()


def _response_lines(connection: HTTPConnection, lines: Iterable[bytes], seconds: float) -> Iterator[bytes]:
    sock: socket.socket = connection.sock
    sender = threading.Thread(target=_send_all, args=(sock, lines), name="http lines", daemon=True)
    sender.start()
    response = http.client.HTTPResponse(sock, method="POST")
    try:
        response.begin()
        if response.status != http.client.OK:
            raise UnexpectedStatusError(response.status, response.read(4 * EXCERPT_CHARACTERS))
        yield from response
    finally:
        with suppress(OSError):
            sock.shutdown(socket.SHUT_RDWR)
        sender.join(seconds)
        response.close()


def _send_all(sock: socket.socket, lines: Iterable[bytes]) -> None:
    """Send the lines in chunks. When the connection breaks, the reader of the response notices."""
    batch: list[bytes] = []
    with suppress(OSError):
        for line in lines:
            batch.append(line)
            if len(batch) == LINES_PER_CHUNK:
                _send_chunk(sock, b"".join(batch))
                batch = []
        if batch:
            _send_chunk(sock, b"".join(batch))
        sock.sendall(b"0\r\n\r\n")


def _send_chunk(sock: socket.socket, content: bytes) -> None:
    sock.sendall(b"%x\r\n%b\r\n" % (len(content), content))
