"""Reads a stream between two offsets, as fast as frames arrive.

Reading leaves the stream as it is. A replay needs three things of a delivery: its offset, its content type and its
body. A quarter of a million deliveries pass through here, so this module parses their frames itself. py-amqp handles
every other frame.
"""

from collections import deque
from collections.abc import Iterator
from datetime import datetime
from struct import Struct
from time import monotonic
from typing import Any

from concord_bus.adapters.amqp.connection import abort, close, connect, drain_all
from concord_bus.adapters.amqp.delivery_decoder import DELIVER, properties_in
from concord_bus.adapters.amqp.frames import BODY, HEADER, METHOD
from concord_bus.domain.delivery import ACCEPTED_TYPE, Delivery
from concord_bus.settings import BrokerAddress
from concord_bus.topology.declarations import LOG_MARKER_EXCHANGE

WINDOW = 4000
OFFSET = "x-stream-offset"
WAIT_SECONDS = 0.5
PATIENCE_SECONDS = 5.0

Start = str | int | datetime
"""`first`, `last` (the last chunk), an offset, or a time (the broker may begin a little before it)."""

_number = Struct(">q")
_size = Struct(">Q")
_tag = Struct(">Q")
_MARK = OFFSET.encode() + b"l"
_PLAIN_TYPE = bytes([len(ACCEPTED_TYPE)]) + ACCEPTED_TYPE.encode()
_HAS_TYPE = 0x80
_MARKER_EXCHANGE = bytes([len(LOG_MARKER_EXCHANGE)]) + LOG_MARKER_EXCHANGE.encode()
_EXCHANGE_AFTER_TAG = 9
"""Bytes from the delivery tag to the name of the exchange in a basic.deliver: the tag, and the redelivered bit."""


class StreamReader:
    """One connection that reads `queue`. Raises one of `connection.LOST`, or amqp.NotFound without the stream."""

    def __init__(self, address: BrokerAddress, name: str, queue: str) -> None:
        self._connection = connect(address, name)
        self._queue = queue
        self._others = self._connection.on_inbound_frame
        self._connection.on_inbound_frame = self._frame
        self._arrived: deque[tuple[int, int, bytes | None, bool]] = deque()
        self._marker = False
        self._delivery: int | None = None
        self._header = b""
        self._left = 0
        self._parts: list[bytes] = []
        self._ended = False

    def read(self, start: Start, last: int | None = None, quiet: float = 30.0) -> Iterator[tuple[int, bytes | None]]:
        """Yield offsets and bodies from `start` to the offset `last`, until nothing arrives for `quiet` seconds.

        The first message may take PATIENCE_SECONDS, because a broker under load begins late. The body is None for a
        message that services reject by its content type or headers. Markers of relays are left out.
        """
        return ((number, body) for number, body, marker in self._read(start, last, quiet) if not marker)

    def offsets(self, start: Start, quiet: float = 30.0) -> Iterator[int]:
        """Yield the offsets from `start` on, those of markers too."""
        return (number for number, _, _ in self._read(start, None, quiet))

    def _read(self, start: Start, last: int | None, quiet: float) -> Iterator[tuple[int, bytes | None, bool]]:
        try:
            channel = self._connection.channel()
        except BaseException:
            abort(self._connection)
            raise
        channel.basic_qos(0, WINDOW, False)
        channel.basic_consume(self._queue, on_cancel=self._cancelled, arguments={OFFSET: start})
        last_arrival, taken = monotonic() + max(0.0, PATIENCE_SECONDS - quiet), 0
        while not self._ended:
            drain_all(self._connection, min(quiet, WAIT_SECONDS))
            self._connection.heartbeat_tick()
            if not self._arrived and monotonic() - last_arrival >= quiet:
                return
            while self._arrived:
                last_arrival = monotonic()  # counts the time of the caller too
                tag, number, body, marker = self._arrived.popleft()
                if last is not None and number > last:
                    return
                if not isinstance(start, int) or number >= start:
                    yield number, body, marker
                if number == last:
                    return
                taken += 1
                if taken % (WINDOW // 4) == 0:
                    channel.basic_ack(tag, multiple=True)
        raise OSError("the broker ended the subscription")

    def close(self) -> None:
        close(self._connection)

    def _cancelled(self, _tag: str) -> None:
        self._ended = True

    def _frame(self, frame: tuple[int, int, bytes]) -> bool:
        kind, _, payload = frame
        if kind == METHOD and payload[:4] == DELIVER:
            tag_at = 5 + payload[4]
            (self._delivery,) = _tag.unpack_from(payload, tag_at)
            self._marker = payload.startswith(_MARKER_EXCHANGE, tag_at + _EXCHANGE_AFTER_TAG)
        elif kind == HEADER and self._delivery is not None:
            self._header, self._parts = payload, []
            (self._left,) = _size.unpack_from(payload, 4)
            if not self._left:
                return self._whole()
        elif kind == BODY and self._delivery is not None:
            self._parts.append(payload)
            self._left -= len(payload)
            if self._left <= 0:
                return self._whole()
        else:
            return bool(self._others(frame))
        self._connection.bytes_recv += 1
        return False

    def _whole(self) -> bool:
        assert self._delivery is not None
        self._connection.bytes_recv += 1
        body = self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)
        number = offset_in(self._header)
        usable = body if self._marker or accepted(self._header, body) else None
        self._arrived.append((self._delivery, number, usable, self._marker))
        self._delivery = None
        return True


def offset_in(header: bytes) -> int:
    """Return the offset of a message, which the broker writes behind all other headers."""
    at = header.rfind(_MARK)
    offset: int = _number.unpack_from(header, at + len(_MARK))[0]
    return offset


def accepted(header: bytes, body: bytes) -> bool:
    """Return whether services read the body: a fast test of the usual content type, else the rule of the services."""
    if header[12] & _HAS_TYPE and header[14 : 14 + len(_PLAIN_TYPE)] == _PLAIN_TYPE:
        return True
    properties: Any = properties_in(header)
    headers = properties.pop("application_headers", None) or {}
    return Delivery("", "", "", body, headers, properties).refusal(len(body)) is None


def last_offset(address: BrokerAddress, name: str, queue: str, quiet: float = 1.0) -> int | None:
    """Return the offset of the last message in the stream, None for an empty one. Raises as StreamReader does."""
    reader = StreamReader(address, name, queue)
    try:
        return max(reader.offsets("last", quiet), default=None)
    finally:
        reader.close()


def first_offset(address: BrokerAddress, name: str, queue: str, start: Start) -> int | None:
    """Return the offset of the first message from `start` on, None without one. Raises as StreamReader does."""
    reader = StreamReader(address, name, queue)
    try:
        return next(reader.offsets(start, PATIENCE_SECONDS), None)
    finally:
        reader.close()
