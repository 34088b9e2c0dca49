"""The connection: a thread that serves heartbeats however long a handler runs, and reconnects."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPError

from concord_client.broker_errors import passing, refusal
from concord_client.channel_consumer import Consuming
from concord_client.delivery import Connected, Delivery, Failed, Item, Tail
from concord_client.errors import Refused
from concord_client.replay import Replay
from concord_client.retry import Backoff

log = logging.getLogger("concord_client")

HEARTBEAT = 15
SECONDS_TO_CONNECT = 5
SECONDS_TO_CLOSE = 5
TICK = 1.0


@dataclass(frozen=True, slots=True)
class Source:
    """What to consume: a queue of one's own (bound to `keys` when `bind`), and a past to replay first."""

    queue: str
    keys: tuple[str, ...]
    exchange: str
    prefetch: int
    bind: bool
    replay: Replay | None


class Link:
    """Puts items with `put`, from its own thread. `settle` and `stop` may be called from any."""

    def __init__(self, url: str, source: Source, put: Callable[[Item], None]) -> None:
        self._parameters = _parameters(url, source.queue)
        self._source = source
        self._put = put
        self._thread = threading.Thread(target=self._serve, name=f"concord {source.queue}", daemon=True)
        self._ending = threading.Event()
        self._connection: pika.BlockingConnection | None = None
        self._live: Consuming | None = None
        self._past: Consuming | None = None
        self._replaying = source.replay is not None
        self._resume: int | None = None
        self._tail_known = False
        self._lost = False
        self._connected_before = False
        self.generation = 0

    def start(self) -> None:
        self._thread.start()

    def settle(self, delivery: Delivery) -> None:
        """Acknowledge, unless the connection it came on is gone: the broker then delivers it again."""
        consuming = self._past if delivery.replayed else self._live
        if delivery.generation == self.generation and consuming is not None and consuming.settle(delivery.tag):
            self._soon(consuming.flush)

    def end_replay(self) -> None:
        """The past is handled: its channel is closed and will not be opened again."""
        self._replaying = False
        self._soon(self._close_past)

    def stop(self) -> None:
        """Send what acknowledgements there are and close; what is unacknowledged goes back to the queue."""
        self._ending.set()
        self._soon(lambda: None)
        if self._thread.ident is not None:
            self._thread.join(SECONDS_TO_CLOSE)

    def _soon(self, act: Callable[[], None]) -> None:
        connection = self._connection
        if connection is not None:
            try:
                connection.add_callback_threadsafe(act)
            except AMQPError:
                return  # it is being closed: nothing can be sent on it

    def _serve(self) -> None:
        backoff = Backoff()
        while not self._ending.is_set():
            try:
                self._session(backoff)
            except Refused as error:
                self._put(Failed(error))
                return
            except (AMQPError, OSError) as error:
                refused = refusal(error, self._connected_before)
                if refused is not None:
                    self._put(Failed(refused))
                    return
                log.warning("no connection to the broker (%s), trying again", passing(error))
            except Exception as error:  # the edge of this thread: nobody would ever hear of it
                self._put(Failed(error))
                return
            self._ending.wait(backoff.seconds())

    def _session(self, backoff: Backoff) -> None:
        connection = pika.BlockingConnection(self._parameters)
        try:
            self._lost = False
            self._open(connection)
            self._connection = connection
            backoff.reset()
            while not self._ending.is_set() and not self._lost:
                connection.process_data_events(time_limit=TICK)
                self._flush()
        finally:
            self._connection = None
            if self._past is not None:
                self._resume = self._past.resume_offset()
            self.generation += 1
            if connection.is_open:
                connection.close()

    def _open(self, connection: pika.BlockingConnection) -> None:
        source = self._source
        self._live = self._consuming(connection)
        if source.bind:
            for key in source.keys:
                self._live.channel.queue_bind(source.queue, source.exchange, key)
        again, self._connected_before = self._connected_before, True
        self._put(Connected(again))
        if source.replay is not None and self._replaying:
            self._past = self._consuming(connection)
            offset = source.replay.offset if self._resume is None else self._resume
            stream = str(source.replay.stream)
            if not self._tail_known:
                self._look_for_tail(connection, stream)
            self._past.consume_stream(stream, source.prefetch, offset)
        self._live.consume(source.queue, source.prefetch)

    def _consuming(self, connection: pika.BlockingConnection) -> Consuming:
        return Consuming(connection.channel(), self.generation, self._put, self._cancelled)

    def _look_for_tail(self, connection: pika.BlockingConnection, stream: str) -> None:
        """Ask where the stream's end is, on a channel of its own: its last message tells."""
        channel = connection.channel()
        channel.basic_qos(prefetch_count=1)
        arguments = {"x-stream-offset": "last"}
        channel.basic_consume(stream, partial(self._tail, channel), arguments=arguments)

    def _tail(self, channel: BlockingChannel, _same: object, _method: Any, properties: Any, _body: bytes) -> None:
        self._tail_known = True
        self._put(Tail(int((properties.headers or {}).get("x-stream-offset", 0))))
        self._soon(channel.close)

    def _close_past(self) -> None:
        if self._past is not None and self._past.channel.is_open:
            self._past.flush()
            self._past.channel.close()
        self._past = None

    def _flush(self) -> None:
        for each in (self._live, self._past):
            if each is not None:
                each.flush()

    def _cancelled(self, _method: object) -> None:
        """The broker took the consumer away, as when a queue is deleted or its node ends: begin anew."""
        self._lost = True


def _parameters(url: str, queue: str) -> pika.URLParameters:
    """Raises ValueError when the URL cannot be read."""
    parameters = pika.URLParameters(url)
    if parameters.heartbeat is None:
        parameters.heartbeat = HEARTBEAT
    parameters.connection_attempts = 1
    parameters.socket_timeout = SECONDS_TO_CONNECT
    parameters.stack_timeout = 2 * SECONDS_TO_CONNECT
    parameters.client_properties = {"connection_name": f"concord_client {queue}"}
    return parameters
