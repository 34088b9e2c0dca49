"""A reader of request bodies with a Content-Length or in chunks; it buffers at most one piece."""

from __future__ import annotations

import re
from time import monotonic

from concord_web.client_socket import NEVER, ClientGone, ClientSocket, DeadlineExceeded
from concord_web.request_head import CHUNKED, ProtocolError

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;[\t\x20-\x7e]*)?")
_MAX_CHUNK_LINE = 256
_MAX_TRAILER = 8 * 1024


class Body:
    """The body of one request: `read_some` returns the next piece, b"" at the end.

    It raises ProtocolError 408 after the deadline, ProtocolError 400 for malformed chunks, ClientGone for a body
    that ends early.
    """

    __slots__ = ("_client", "_deadline", "_owes_continue", "broken", "chunked", "done", "left", "length")

    def __init__(self, client: ClientSocket, length: int, expects_continue: bool = False) -> None:
        self._client = client
        self.length = length
        self.chunked = length == CHUNKED
        self.done = length == 0
        self.broken = False
        self._deadline = NEVER
        self.left = 0 if self.chunked else length
        self._owes_continue = expects_continue and not self.done

    @property
    def awaits_continue(self) -> bool:
        """True while the client waits for 100 Continue: it may never send the body."""
        return self._owes_continue

    def send_continue(self) -> None:
        """Send 100 Continue to a client that waits for it."""
        if self._owes_continue:
            self._owes_continue = False
            self._client.send(CONTINUE)

    def set_deadline(self, seconds: float) -> None:
        """Make reads raise ProtocolError 408 after `seconds` from now."""
        self._deadline = monotonic() + seconds

    def read_some(self) -> bytes:
        if self.done:
            return b""
        if self._client.pending:
            self._owes_continue = False
        self.send_continue()
        self._client.deadline = self._deadline
        try:
            return self._read_chunk() if self.chunked else self._read_sized()
        except DeadlineExceeded:
            self.broken = True
            raise ProtocolError(408, detail="The request body arrived too slowly. Send it again.") from None
        except (ProtocolError, ClientGone):
            self.broken = True
            raise
        finally:
            self._client.deadline = NEVER

    def _read_sized(self) -> bytes:
        piece = self._take(self.left)
        self.left -= len(piece)
        self.done = self.left == 0
        return piece

    def _read_chunk(self) -> bytes:
        if self.left == 0:
            self.left = self._chunk_size()
            if self.left == 0:
                self._skip_trailer()
                self.done = True
                return b""
        piece = self._take(self.left)
        self.left -= len(piece)
        if self.left == 0 and self._line(2) != b"":
            raise ProtocolError(400, detail="Malformed chunked body: a chunk is longer than its size.")
        return piece

    def _chunk_size(self) -> int:
        found = _CHUNK.fullmatch(self._line(_MAX_CHUNK_LINE))
        if found is None:
            raise ProtocolError(400, detail="Malformed chunked body: invalid chunk size.")
        return int(found[1], 16)

    def _skip_trailer(self) -> None:
        left = _MAX_TRAILER
        while line := self._line(left):
            left -= len(line) + 2

    def _line(self, longest: int) -> bytes:
        client = self._client
        while (end := client.pending.find(b"\r\n", 0, max(longest, 0) + 2)) < 0:
            if len(client.pending) >= longest + 2:
                raise ProtocolError(400, detail="Malformed chunked body: a line is too long.")
            client.pending += client.receive()
        line = client.pending[:end]
        client.pending = client.pending[end + 2 :]
        return line

    def _take(self, most: int) -> bytes:
        client = self._client
        if not client.pending:
            client.pending = client.receive()
        piece = client.pending[:most]
        client.pending = client.pending[most:]
        return piece
