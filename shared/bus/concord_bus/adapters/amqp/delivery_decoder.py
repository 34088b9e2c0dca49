"""Decodes frames into messages, whatever a hostile sender wrote.

py-amqp raises out of its reading loop for an invalid date, for text that is not UTF-8, or for deeply nested tables. The
broker would redeliver such a message at once, and the queue would stop. This module therefore assembles deliveries
itself, without py-amqp's dispatcher. A message that cannot be decoded arrives with the raw bytes of its properties, so
that the pipeline can park it. py-amqp handles every other method.
"""

from collections.abc import Callable, Mapping
from struct import Struct, pack, unpack_from
from typing import Any

from amqp import spec
from amqp.basic_message import Message
from amqp.exceptions import UnexpectedFrame
from amqp.serialization import decode_properties_basic

from concord_bus.adapters.amqp.frames import BODY, HEADER, METHOD
from concord_bus.domain.delivery import UNDECODABLE

HEARTBEAT = 8
MAX_DEPTH = 32
DELIVER = pack(">HH", *spec.Basic.Deliver)
WITH_CONTENT = frozenset((spec.Basic.Return, spec.Basic.GetOk))

_after_consumer = Struct(">QBB")  # delivery tag, redelivered, length of the exchange's name
_body_size = Struct(">Q")

Dispatch = Callable[[int, tuple[int, int], bytes, Any], None]


class Arrival:
    """A delivery in progress: the arguments of basic.deliver, then header and body from their frames."""

    __slots__ = ("_left", "_parts", "consumer", "exchange", "properties", "redelivered", "routing_key", "tag")

    def __init__(self, arguments: bytes) -> None:
        """Parse the arguments: 4 bytes of method number, consumer tag, delivery tag, flag, exchange and routing key."""
        at = 5 + arguments[4]
        self.consumer = arguments[5:at].decode()
        self.tag, redelivered, size = _after_consumer.unpack_from(arguments, at)
        self.redelivered = bool(redelivered)
        key_at = at + 10 + size
        self.exchange = arguments[at + 10 : key_at].decode("utf-8", "backslashreplace")
        self.routing_key = arguments[key_at + 1 : key_at + 1 + arguments[key_at]].decode("utf-8", "backslashreplace")
        self.properties: dict[str, Any] = {}
        self._left: int | None = None
        self._parts: list[bytes] = []

    @property
    def body(self) -> bytes:
        return self._parts[0] if len(self._parts) == 1 else b"".join(self._parts)

    def add_frame(self, kind: int, payload: bytes) -> bool:
        """Add a frame, and return whether the delivery is complete. Raises UnexpectedFrame for a frame out of order."""
        if kind == HEADER and self._left is None:
            (self._left,) = _body_size.unpack_from(payload, 4)
            self.properties = properties_in(payload)
        elif kind == BODY and self._left is not None:
            self._parts.append(payload)
            self._left -= len(payload)
        else:
            raise UnexpectedFrame(f"frame of type {kind} out of order")
        return self._left <= 0


def properties_in(header: bytes) -> dict[str, Any]:
    """Return the properties of a content header, or `UNDECODABLE` with their raw bytes."""
    try:
        properties: dict[str, Any] = decode_properties_basic(header, 12)[0]
        if is_storable(properties.get("application_headers", {}), MAX_DEPTH):
            return properties
    except Exception:
        pass
    return {UNDECODABLE: bytes(header[12:])}


def is_storable(value: Any, depth: int) -> bool:
    """Return whether headers nest less than `depth` deep and all their names are text, so that JSON can hold them."""
    if isinstance(value, Mapping):
        return depth > 0 and all(isinstance(key, str) and is_storable(item, depth - 1) for key, item in value.items())
    if isinstance(value, list):
        return depth > 0 and all(is_storable(item, depth - 1) for item in value)
    return True


def reject_delivery(arrival: Arrival) -> None:
    """Raise UnexpectedFrame: this connection consumes nothing."""
    raise UnexpectedFrame(f"delivery for {arrival.consumer}, an unknown consumer of this connection")


class FrameHandler:
    """Assembles frames: deliveries for `deliver`, everything else for py-amqp's dispatcher.

    `amqp.Connection` creates it; a consumer replaces `deliver` with its own function.
    """

    def __init__(self, connection: Any, dispatch: Dispatch) -> None:
        self.deliver: Callable[[Arrival], None] = reject_delivery
        self._connection = connection
        self._dispatch = dispatch
        self._arriving: dict[int, Arrival] = {}
        self._partial: dict[int, Message] = {}

    def __call__(self, frame: tuple[int, int, bytes]) -> bool:
        """Handle a frame, and return whether it completed a message or method."""
        kind, channel, payload = frame
        self._connection.bytes_recv += 1
        arrival = self._arriving.get(channel)
        if arrival is not None and kind != HEARTBEAT:
            if not arrival.add_frame(kind, payload):
                return False
            del self._arriving[channel]
            self.deliver(arrival)
            return True
        if kind == METHOD and payload[:4] == DELIVER and channel not in self._partial:
            self._arriving[channel] = Arrival(payload)
            return False
        return self._other(kind, channel, payload)

    def _other(self, kind: int, channel: int, payload: bytes) -> bool:
        if kind == HEARTBEAT:
            return False
        if kind == METHOD and channel not in self._partial:
            return self._method(channel, payload)
        if kind not in (HEADER, BODY) or channel not in self._partial:
            raise UnexpectedFrame(f"frame of type {kind} out of order")
        message = self._partial[channel]
        take = message.inbound_header if kind == HEADER else message.inbound_body
        take(payload)
        if not message.ready:
            return False
        del self._partial[channel]
        self._dispatch(channel, message.frame_method, message.frame_args, message)
        return True

    def _method(self, channel: int, payload: bytes) -> bool:
        signature: tuple[int, int] = unpack_from(">HH", payload)
        if signature in WITH_CONTENT:
            self._partial[channel] = Message(frame_method=signature, frame_args=payload)
            return False
        self._dispatch(channel, signature, payload, None)
        return True
