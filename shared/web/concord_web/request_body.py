"""A request's body as pieces: a length known in advance, or chunks. Never more in memory than asked for."""

from __future__ import annotations

import re
from time import monotonic

from concord_web.client_socket import NEVER, ClientGone, ClientSocket, DeadlineExceeded
from concord_web.request_head import CHUNKED, Refused

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_CHUNK = re.compile(rb"([0-9A-Fa-f]{1,8})(?:;[\t\x20-\x7e]*)?")
_LONGEST_CHUNK_LINE = 256
_LONGEST_TRAILER = 8 * 1024


class Body:
    """`read_some` gives the next piece, b"" at the end.

    Raises Refused 408 when the deadline passes, Refused 400 for bad chunks, ClientGone when it breaks off.
    """

    __slots__ = ("_due", "_owes_continue", "_wire", "broken", "chunked", "done", "left", "length")

    def __init__(self, wire: ClientSocket, length: int, expects_continue: bool = False) -> None:
        self._wire = wire
        self.length = length
        self.chunked = length == CHUNKED
        self.done = length == 0
        self.broken = False
        self._due = NEVER
        self.left = 0 if self.chunked else length
        self._owes_continue = expects_continue and not self.done

    @property
    def awaited(self) -> bool:
        """The client still waits for 100 Continue: it may never send the body."""
        return self._owes_continue

    def begin(self) -> None:
        """Tell a client that asked first that its body is wanted."""
        if self._owes_continue:
            self._owes_continue = False
            self._wire.send(CONTINUE)

    def due(self, seconds: float) -> None:
        """Reads raise Refused 408 once `seconds` from now have passed."""
        self._due = monotonic() + seconds

    def read_some(self) -> bytes:
        if self.done:
            return b""
        if self._wire.pending:
            self._owes_continue = False
        self.begin()
        self._wire.deadline = self._due
        try:
            return self._chunk() if self.chunked else self._counted()
        except DeadlineExceeded:
            self.broken = True
            raise Refused(408, detail="The body took too long to arrive; send it again.") from None
        except (Refused, ClientGone):
            self.broken = True
            raise
        finally:
            self._wire.deadline = NEVER

    def _counted(self) -> bytes:
        piece = self._take(self.left)
        self.left -= len(piece)
        self.done = self.left == 0
        return piece

    def _chunk(self) -> bytes:
        if self.left == 0:
            self.left = self._chunk_size()
            if self.left == 0:
                self._trailer()
                self.done = True
                return b""
        piece = self._take(self.left)
        self.left -= len(piece)
        if self.left == 0 and self._line(2) != b"":
            raise Refused(400, detail="A chunk of the body is longer than its size says.")
        return piece

    def _chunk_size(self) -> int:
        found = _CHUNK.fullmatch(self._line(_LONGEST_CHUNK_LINE))
        if found is None:
            raise Refused(400, detail="A chunk of the body has no valid size.")
        return int(found[1], 16)

    def _trailer(self) -> None:
        left = _LONGEST_TRAILER
        while line := self._line(left):
            left -= len(line) + 2

    def _line(self, longest: int) -> bytes:
        wire = self._wire
        while (end := wire.pending.find(b"\r\n", 0, max(longest, 0) + 2)) < 0:
            if len(wire.pending) >= longest + 2:
                raise Refused(400, detail="The chunks of the body are malformed.")
            wire.pending += wire.receive()
        line = wire.pending[:end]
        wire.pending = wire.pending[end + 2 :]
        return line

    def _take(self, most: int) -> bytes:
        wire = self._wire
        if not wire.pending:
            wire.pending = wire.receive()
        piece = wire.pending[:most]
        wire.pending = wire.pending[most:]
        return piece
