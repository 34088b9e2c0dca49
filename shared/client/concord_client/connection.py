"""The connection to the broker. Its thread sends heartbeats, however long a handler runs, and reconnects."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPChannelError

from concord_client.broker_errors import (
    ANSWER_SECONDS,
    CONNECT_SECONDS,
    LOST,
    Interrupted,
    ended,
    failure_reason,
    permanent,
)
from concord_client.channel_consumer import ChannelConsumer
from concord_client.delivery import Connected, Delivery, Failed, Item, Tail
from concord_client.errors import Refused
from concord_client.replay import Replay
from concord_client.retry import Backoff
from concord_client.tls import Tls

log = logging.getLogger("concord_client")

HEARTBEAT_SECONDS = 15
CLOSE_SECONDS = 5
POLL_SECONDS = 1.0
DEVIATIONS = "ß\u03c2\u200c\u200d"
"""Characters that Python's sockets turn into another domain: ß to ss, the final sigma to sigma, joiners to nothing."""


@dataclass(frozen=True, slots=True)
class Source:
    """The subscriber's queue, its binding keys (used when `bind`), and the stream to replay first, if any."""

    queue: str
    keys: tuple[str, ...]
    exchange: str
    prefetch: int
    bind: bool
    replay: Replay | None


class Connection:
    """Puts items with `put`, from its own thread. Any thread may call `settle` and `stop`."""

    def __init__(self, url: str, source: Source, put: Callable[[Item], None], tls: Tls | None = None) -> None:
        self._url = url
        self._tls = tls
        self._parameters = _parameters(url, source.queue, tls)
        self._source = source
        self._put = put
        self._thread = threading.Thread(target=self._serve, name=f"concord {source.queue}", daemon=True)
        self._ending = threading.Event()
        self._pika: pika.BlockingConnection | None = None
        self._live: ChannelConsumer | None = None
        self._past: ChannelConsumer | None = None
        self._replaying = source.replay is not None
        self._resume: int | None = None
        self._tail_known = False
        self._lost = False
        self._connected_before = False
        self.generation = 0

    def start(self) -> None:
        self._thread.start()

    def settle(self, delivery: Delivery) -> None:
        """Acknowledge a delivery. After a reconnect do nothing, because the broker delivers the message again."""
        consumer = self._past if delivery.replayed else self._live
        if delivery.generation == self.generation and consumer is not None and consumer.settle(delivery.tag):
            self._soon(consumer.flush)

    def end_replay(self) -> None:
        """Close the stream's channel for good, after the handling of its events."""
        self._replaying = False
        self._soon(self._close_past)

    def stop(self) -> None:
        """Send the acknowledgements and close. The broker returns unacknowledged messages to the queue."""
        self._ending.set()
        self._soon(lambda: None)
        if self._thread.ident is not None:
            self._thread.join(CLOSE_SECONDS)

    def _soon(self, act: Callable[[], None]) -> None:
        connection = self._pika
        if connection is not None:
            try:
                connection.add_callback_threadsafe(act)
            except LOST:
                return  # the connection is closing and sends nothing more

    def _serve(self) -> None:
        backoff = Backoff()
        while not self._ending.is_set():
            try:
                self._connect_and_consume(backoff)
            except Refused as error:
                self._put(Failed(error))
                return
            except LOST as error:
                refused = permanent(error, self._connected_before)
                if refused is not None:
                    self._put(Failed(refused))
                    return
                what = "the broker ended the subscription" if ended(error) else "no connection to the broker"
                log.warning("%s (%s), trying again", what, failure_reason(error))
            except Exception as error:  # the edge of this thread: pass it to the subscriber's thread
                self._put(Failed(error))
                return
            self._ending.wait(backoff.seconds())

    def _connect_and_consume(self, backoff: Backoff) -> None:
        if self._tls is not None:  # a renewed certificate counts from the next connection on
            self._parameters = _parameters(self._url, self._source.queue, self._tls)
        connection = pika.BlockingConnection(self._parameters)
        try:
            self._lost = False
            self._open(connection)
            self._pika = connection
            while not self._ending.is_set():
                connection.process_data_events(time_limit=POLL_SECONDS)
                backoff.reset()
                self._flush()
            self._flush_rest()
        finally:
            self._pika = None
            if self._past is not None:
                self._resume = self._past.resume_offset()
            self.generation += 1
            with suppress(*LOST):
                connection.close()

    def _open(self, connection: pika.BlockingConnection) -> None:
        source, self._past = self._source, None
        self._live = self._consumer(connection)
        if source.bind:
            for key in source.keys:
                self._live.channel.queue_bind(source.queue, source.exchange, key)
        again, self._connected_before = self._connected_before, True
        self._put(Connected(again))
        if source.replay is not None and self._replaying:
            self._past = self._consumer(connection)
            offset = source.replay.offset if self._resume is None else self._resume
            stream = str(source.replay.stream)
            if not self._tail_known:
                self._read_tail(connection, stream)
            self._past.consume_stream(stream, source.prefetch, offset)
        self._live.consume(source.queue, source.prefetch)

    def _consumer(self, connection: pika.BlockingConnection) -> ChannelConsumer:
        return ChannelConsumer(connection.channel(), self.generation, self._put, self._on_cancel)

    def _read_tail(self, connection: pika.BlockingConnection, stream: str) -> None:
        """Request the last message of the stream, whose offset is the stream's end, on a channel of its own."""
        channel = connection.channel()
        channel.basic_qos(prefetch_count=1)
        arguments = {"x-stream-offset": "last"}
        channel.basic_consume(stream, partial(self._on_tail, channel), arguments=arguments)

    def _on_tail(self, channel: BlockingChannel, _same: object, _method: Any, properties: Any, _body: bytes) -> None:
        self._tail_known = True
        self._put(Tail(int((properties.headers or {}).get("x-stream-offset", 0))))
        self._soon(partial(_close, channel))

    def _close_past(self) -> None:
        past, self._past = self._past, None
        if past is not None:
            past.flush()
            _close(past.channel)

    def _flush(self) -> None:
        """Acknowledge. Raises the reason when the broker has ended the subscription or closed a channel."""
        if self._lost:
            raise Interrupted("the queue is gone, or its node ends")
        for consumer in (self._live, self._past):
            if consumer is not None:
                consumer.raise_if_closed()
                consumer.widen()
                consumer.flush()

    def _flush_rest(self) -> None:
        """Acknowledge what was settled between the last flush and `stop`."""
        with suppress(*LOST):
            for consumer in (self._live, self._past):
                if consumer is not None:
                    consumer.flush()

    def _on_cancel(self, _method: object) -> None:
        """Reconnect, because the broker has cancelled the consumer: after a queue's deletion or a node's end."""
        self._lost = True


def _close(channel: BlockingChannel) -> None:
    """Close a stream's channel, if it is open: the broker may send more than one message of the stream's last chunk.

    pika rejects what it has not passed on. A stream refuses that, and the channel is closed all the same.
    """
    if channel.is_open:
        with suppress(AMQPChannelError):
            channel.close()


def _parameters(url: str, queue: str, tls: Tls | None) -> pika.URLParameters:
    """Return pika's parameters. Raises ValueError for an invalid URL or file."""
    parameters = pika.URLParameters(url)
    if any(char in parameters.host for char in DEVIATIONS):
        raise ValueError("write the broker's host in its ASCII form, which begins with xn--")
    if tls is not None:
        if parameters.ssl_options is None:
            raise ValueError("tls needs a URL that begins with amqps://")
        parameters.ssl_options = pika.SSLOptions(tls.context(), parameters.host)
    if parameters.heartbeat is None:
        parameters.heartbeat = HEARTBEAT_SECONDS
    parameters.connection_attempts = 1
    parameters.socket_timeout = CONNECT_SECONDS
    parameters.stack_timeout = ANSWER_SECONDS
    parameters.client_properties = {"connection_name": f"concord_client {queue}"}
    return parameters
