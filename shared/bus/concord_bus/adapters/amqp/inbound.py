"""From frames to messages, whatever a hostile sender wrote into them.

py-amqp raises out of its reading loop for a date it cannot express, for text that is not UTF-8 or for tables nested
too deep. The broker would hand such a message out again at once, and nothing behind it would ever be read. Here it
comes through with its properties as undecoded bytes, so that it can be parked.
"""

from collections.abc import Callable, Mapping
from struct import unpack_from
from typing import Any

from amqp import spec
from amqp.basic_message import Message
from amqp.exceptions import UnexpectedFrame

from concord_bus.adapters.amqp.frames import BODY, HEADER, METHOD
from concord_bus.domain.delivery import UNDECODABLE

HEARTBEAT = 8
DEEPEST = 32
WITH_CONTENT = frozenset((spec.Basic.Return, spec.Basic.Deliver, spec.Basic.GetOk))

Dispatch = Callable[[int, tuple[int, int], bytes, Any], None]


class Incoming(Message):  # type: ignore[misc]
    """A message with the properties that could be decoded, or else the undecoded bytes of all of them."""

    properties: dict[str, Any]

    def _load_properties(self, class_id: int, buf: bytes, offset: int) -> int:
        try:
            super()._load_properties(class_id, buf, offset)
            decoded = plain(self.properties.get("application_headers", {}), DEEPEST)
        except Exception:  # the edge: a decoder that meets a sender's arbitrary bytes
            decoded = False
        if not decoded:
            self.properties = {UNDECODABLE: bytes(buf[offset:])}
        return len(buf)


def plain(value: Any, depth: int) -> bool:
    """Whether headers are nested less than `depth` deep and all their names are text: such can be written down."""
    if isinstance(value, Mapping):
        return depth > 0 and all(isinstance(key, str) and plain(each, depth - 1) for key, each in value.items())
    if isinstance(value, list):
        return depth > 0 and all(plain(each, depth - 1) for each in value)
    return True


class FrameHandler:
    """Puts frames together and hands methods to py-amqp's dispatcher; given to `amqp.Connection`."""

    def __init__(self, connection: Any, dispatch: Dispatch) -> None:
        self._connection = connection
        self._dispatch = dispatch
        self._partial: dict[int, Incoming] = {}

    def __call__(self, frame: tuple[int, int, bytes]) -> bool:
        """Whether something was handled with this frame."""
        kind, channel, payload = frame
        self._connection.bytes_recv += 1
        if kind == HEARTBEAT:
            return False
        if kind == METHOD and channel not in self._partial:
            return self._method(channel, payload)
        if kind not in (HEADER, BODY) or channel not in self._partial:
            raise UnexpectedFrame(f"frame of type {kind} out of turn")
        message = self._partial[channel]
        take = message.inbound_header if kind == HEADER else message.inbound_body
        take(payload)
        if not message.ready:
            return False
        del self._partial[channel]
        self._hand_on(channel, message.frame_method, message.frame_args, message)
        return True

    def _method(self, channel: int, payload: bytes) -> bool:
        signature: tuple[int, int] = unpack_from(">HH", payload)
        if signature in WITH_CONTENT:
            self._partial[channel] = Incoming(frame_method=signature, frame_args=payload)
            return False
        self._dispatch(channel, signature, payload, None)
        return True

    def _hand_on(self, channel: int, signature: tuple[int, int], arguments: bytes, message: Incoming) -> None:
        try:
            self._dispatch(channel, signature, arguments, message)
        except UnicodeDecodeError:
            if signature != spec.Basic.Deliver:
                raise
            self._dispatch(channel, signature, readable(arguments), message)


def readable(arguments: bytes) -> bytes:
    """The arguments of basic.deliver with a routing key that is UTF-8: other bytes are written as `\\xff`.

    Before the routing key come the method's number (4 bytes), consumer tag, delivery tag and flag (9), exchange.
    """
    after_tag = 5 + arguments[4]
    key_at = after_tag + 9 + 1 + arguments[after_tag + 9]
    key = arguments[key_at + 1 :].decode("utf-8", "backslashreplace").encode()[:255].decode("utf-8", "ignore").encode()
    return arguments[:key_at] + bytes([len(key)]) + key
