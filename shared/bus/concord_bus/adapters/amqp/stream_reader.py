"""Reading a stream from a place in it to another, as fast as frames come.

A stream is read without taking anything from it. Only what a replay needs of a delivery is looked at: its place in the
stream, its content type and its body. Deliveries of a quarter of a million messages pass here, so this has its own way
from frame to body; every other frame goes to py-amqp.
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

WINDOW = 4000
OFFSET = "x-stream-offset"
WAIT_SECONDS = 0.5
PATIENCE_SECONDS = 5.0

Start = str | int | datetime
"""`first`, `last` (the last bundle), a message's number, or a time (the broker may begin a little before it)."""

_number = Struct(">q")
_size = Struct(">Q")
_tag = Struct(">Q")
_MARK = OFFSET.encode() + b"l"
_PLAIN_TYPE = bytes([len(ACCEPTED_TYPE)]) + ACCEPTED_TYPE.encode()
_HAS_TYPE = 0x80


class StreamReader:
    """One connection that reads `queue`. Raises one of `connection.LOST`; amqp.NotFound without the stream."""

    def __init__(self, address: BrokerAddress, name: str, queue: str) -> None:
        self._connection = connect(address, name)
        self._queue = queue
        self._others = self._connection.on_inbound_frame
        self._connection.on_inbound_frame = self._frame
        self._arrived: deque[tuple[int, int, bytes | None]] = deque()
        self._delivery: int | None = None
        self._header = b""
        self._left = 0
        self._parts: list[bytes] = []
        self._ended = False

    def read(self, start: Start, last: int | None = None, quiet: float = 30.0) -> Iterator[tuple[int, bytes | None]]:
        """Numbers and bodies from `start` to the message numbered `last`, or until nothing came for `quiet` seconds,
        or for PATIENCE_SECONDS before the first: a broker under load takes a while to begin.

        The body of a message that services do not accept, by its content type or its headers, is None.
        """
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
                last_arrival = monotonic()  # also while the caller handled the one before
                tag, number, body = self._arrived.popleft()
                if last is not None and number > last:
                    return
                if not isinstance(start, int) or number >= start:
                    yield number, body
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
            (self._delivery,) = _tag.unpack_from(payload, 5 + payload[4])
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
        self._arrived.append((self._delivery, number, body if accepted(self._header, body) else None))
        self._delivery = None
        return True


def offset_in(header: bytes) -> int:
    """The message's place in the stream, which the broker writes behind all other headers."""
    at = header.rfind(_MARK)
    found: int = _number.unpack_from(header, at + len(_MARK))[0]
    return found


def accepted(header: bytes, body: bytes) -> bool:
    """Whether services look at the body: by the content type as our own services write it, else by their own rule."""
    if header[12] & _HAS_TYPE and header[14 : 14 + len(_PLAIN_TYPE)] == _PLAIN_TYPE:
        return True
    properties: Any = properties_in(header)
    headers = properties.pop("application_headers", None) or {}
    return Delivery("", "", "", body, headers, properties).refusal(len(body)) is None


def last_offset(address: BrokerAddress, name: str, queue: str, quiet: float = 1.0) -> int | None:
    """The number of the last message in the stream; None when it is empty. Raises as StreamReader does."""
    reader = StreamReader(address, name, queue)
    try:
        return max((number for number, _ in reader.read("last", quiet=quiet)), default=None)
    finally:
        reader.close()


def first_offset(address: BrokerAddress, name: str, queue: str, start: Start) -> int | None:
    """The number of the first message from `start` on; None when there is none. Raises as StreamReader does."""
    reader = StreamReader(address, name, queue)
    try:
        return next((number for number, _ in reader.read(start, quiet=PATIENCE_SECONDS)), None)
    finally:
        reader.close()
