"""The broker from an administrator's side: publishing, counting, looking."""

import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pika
from bus_messages import Message
from pika.adapters.blocking_connection import BlockingChannel

PERSISTENT = 2


class RawProperties(pika.BasicProperties):  # type: ignore[misc]
    """Properties whose bytes on the wire are given."""

    def __init__(self, raw: bytes) -> None:
        super().__init__()
        self._raw = raw

    def encode(self) -> list[bytes]:
        return [self._raw]


class RawKey(str):
    """A routing key whose bytes on the wire are given."""

    def __new__(cls, raw: bytes) -> "RawKey":
        made = super().__new__(cls, raw.decode("latin-1"))
        made.raw = raw
        return made

    raw: bytes

    def encode(self, encoding: str = "utf-8", errors: str = "strict") -> bytes:
        return self.raw


@contextmanager
def channel(url: str) -> Iterator[BlockingChannel]:
    parameters = pika.URLParameters(url)
    parameters.socket_timeout = parameters.blocked_connection_timeout = 10
    connection = pika.BlockingConnection(parameters)
    try:
        yield connection.channel()
    finally:
        if connection.is_open:
            connection.close()


def publish(url: str, messages: Iterable[Message]) -> None:
    """Publish persistently; when this returns the broker has dealt with every one of them."""
    with channel(url) as open_channel:
        for message in messages:
            open_channel.basic_publish(message.exchange, key_of(message), message.body, properties_of(message))
        open_channel.queue_declare("routing.submitted", passive=True)


def key_of(message: Message) -> str:
    return RawKey(message.routing_key) if isinstance(message.routing_key, bytes) else message.routing_key


def properties_of(message: Message) -> pika.BasicProperties:
    if message.raw_properties is not None:
        return RawProperties(message.raw_properties)
    return pika.BasicProperties(
        content_type=message.content_type, headers=message.headers or None, delivery_mode=PERSISTENT
    )


def raw_headers(*items: bytes) -> bytes:
    """Raw properties: persistent, with a content type and these header items (see `item`)."""
    kind = b"application/cloudevents+json"
    table = b"".join(items)
    flags = 0x8000 | 0x2000 | 0x1000
    return struct.pack(">HB", flags, len(kind)) + kind + struct.pack(">I", len(table)) + table + bytes([PERSISTENT])


def item(name: bytes, kind: bytes, value: bytes) -> bytes:
    """One header: its name, AMQP type letter and encoded value."""
    return bytes([len(name)]) + name + kind + value


def long_text(value: bytes) -> bytes:
    return struct.pack(">I", len(value)) + value


def nested(depth: int) -> bytes:
    """A header of tables in tables."""
    table = item(b"n", b"t", b"\x01")
    for _ in range(depth):
        table = item(b"n", b"F", long_text(table))
    return table


def depth(url: str, queue: str) -> int:
    """Messages in the queue that are ready."""
    with channel(url) as open_channel:
        return int(open_channel.queue_declare(queue, passive=True).method.message_count)


def fetch_all(url: str, queue: str, seconds: float = 1.0) -> list[bytes]:
    """Take everything out of a queue, until nothing has come for `seconds`."""
    found: list[bytes] = []
    with channel(url) as open_channel:
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < seconds:
            method, _, body = open_channel.basic_get(queue, auto_ack=True)
            if method:
                found.append(body)
                quiet_since = time.monotonic()
    return found


def bind_queue(url: str, name: str, exchange: str, key: str, arguments: dict[str, Any] | None = None) -> None:
    with channel(url) as open_channel:
        open_channel.queue_declare(name, durable=True, arguments={"x-queue-type": "quorum", **(arguments or {})})
        open_channel.queue_bind(name, exchange, key)
