"""AMQP 0-9-1 frames in bulk: reads large chunks, and writes many messages with one call.

py-amqp needs nine system calls to read a message, and one to write each. py-amqp handles the rest of the protocol. The
specification describes the frame layout in section 2.3.
"""

from collections.abc import Iterable
from struct import Struct, pack
from typing import Any

from amqp.exceptions import UnexpectedFrame

READ_BYTES = 256 * 1024
METHOD, HEADER, BODY, END = 1, 2, 3, 0xCE

_frame_head = Struct(">BHI")
_publish_head = Struct(">HHH")
_content_head = Struct(">HHQ")
_BASIC, _PUBLISH, _MANDATORY = 60, 40, 1


class FrameReader:
    """Reads whole frames of one transport. Raises OSError for a closed connection, TimeoutError as the socket does."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._receive = transport.sock.recv
        self._buffered = bytearray(transport._read_buffer)
        self._at = 0

    def read_frame(self) -> tuple[int, int, bytes]:
        """Return the next frame: type, channel, payload."""
        try:
            self._need(7)
            kind, channel, size = _frame_head.unpack_from(self._buffered, self._at)
            self._need(size + 8)
        except TimeoutError:
            raise
        except OSError:
            self._transport.connected = False
            raise
        return kind, channel, self._payload(size)

    def buffered_frame(self) -> tuple[int, int, bytes] | None:
        """Return the next frame if the buffer holds all of it, else None."""
        left = len(self._buffered) - self._at
        if left < 8:
            return None
        kind, channel, size = _frame_head.unpack_from(self._buffered, self._at)
        return (kind, channel, self._payload(size)) if left >= size + 8 else None

    def _payload(self, size: int) -> bytes:
        start = self._at + 7
        end = start + size
        if self._buffered[end] != END:
            raise UnexpectedFrame("a frame has no end octet")
        self._at = end + 1
        return bytes(self._buffered[start:end])

    def _need(self, size: int) -> None:
        """Read until `size` bytes are in the buffer. A timeout loses nothing."""
        while len(self._buffered) - self._at < size:
            if self._at:
                del self._buffered[: self._at]
                self._at = 0
            piece = self._receive(READ_BYTES)
            if not piece:
                raise OSError("the broker closed the connection")
            self._buffered += piece


class FrameWriter:
    """Writes basic.publish with `mandatory`, for messages that differ in their message id but in no other property."""

    def __init__(self, channel: int, frame_max: int, content_type: str, delivery_mode: int) -> None:
        self._channel = channel
        self._max_group = (frame_max or 131072) - 8
        flags = 1 << 15 | 1 << 12 | 1 << 7  # content-type, delivery-mode, message-id
        self._properties = pack(">H", flags) + _short(content_type) + bytes([delivery_mode])

    def publish(self, messages: Iterable[tuple[str, str, str, bytes]]) -> bytearray:
        """Return the frames of messages, each a tuple of exchange, routing key, message id and body."""
        out = bytearray()
        for exchange, routing_key, message_id, body in messages:
            method = _publish_head.pack(_BASIC, _PUBLISH, 0) + _short(exchange) + _short(routing_key)
            self._frame(out, METHOD, method + bytes([_MANDATORY]))
            header = _content_head.pack(_BASIC, 0, len(body)) + self._properties + _short(message_id)
            self._frame(out, HEADER, header)
            for start in range(0, len(body), self._max_group):
                self._frame(out, BODY, body[start : start + self._max_group])
        return out

    def _frame(self, out: bytearray, kind: int, payload: bytes) -> None:
        out += _frame_head.pack(kind, self._channel, len(payload))
        out += payload
        out.append(END)


def _short(text: str) -> bytes:
    """Return a short string: its length in one byte, then at most 255 bytes of UTF-8. Raises ValueError for a longer
    one."""
    encoded = text.encode()
    if len(encoded) > 255:
        raise ValueError("an exchange name, routing key or message id is longer than 255 bytes")
    return bytes([len(encoded)]) + encoded
