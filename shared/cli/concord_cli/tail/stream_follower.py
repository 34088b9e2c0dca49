"""Reading the stream of public events, and going on where it broke off."""

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import pika
from pika.exceptions import (
    AMQPConnectionError,
    AMQPError,
    ChannelClosedByBroker,
    ConnectionClosedByBroker,
    ProbableAccessDeniedError,
    ProbableAuthenticationError,
)

from concord_bus.backoff import Backoff
from concord_bus.settings import BrokerAddress
from concord_bus.topology import LOG
from concord_cli.common.errors import UsageError

CONNECT_SECONDS = 5
HEARTBEAT_SECONDS = 20
WINDOW = 500
WAIT_SECONDS = 0.5
LONGEST_PAUSE = 30.0
OFFSET = "x-stream-offset"
REFUSED, MISSING = 403, 404

Start = str | int | datetime
"""Where to begin: `next`, a message's number in the stream, or a time (the broker may begin a little before it)."""
LOST = (AMQPError, OSError)


class Away(Exception):
    """There is no connection to the broker; the text says why."""


class Follower:
    """The messages of the stream from a start on, across interruptions."""

    def __init__(self, broker: BrokerAddress, start: Start, tell: Callable[[str], None]) -> None:
        """`tell` is given a line when the connection is lost and when it is back."""
        self._broker = broker
        self._start = start
        self._tell = tell
        self._read = False
        self._backoff = Backoff(first=0.5, longest=LONGEST_PAUSE)

    def bodies(self) -> Iterator[bytes]:
        """Until the caller stops. Raises UsageError for what waiting will not mend, Away when it was never reached."""
        while True:
            try:
                yield from self._connected()
            except LOST as error:
                self._pause(error)

    def _connected(self) -> Iterator[bytes]:
        connection = pika.BlockingConnection(_parameters(self._broker))
        try:
            arrived: deque[tuple[Any, Any, bytes]] = deque()
            channel = self._consume(connection, arrived)
            while channel.is_open:
                connection.process_data_events(time_limit=WAIT_SECONDS)
                while arrived:
                    method, properties, body = arrived.popleft()
                    self._start = int(properties.headers[OFFSET]) + 1
                    yield body
                    channel.basic_ack(method.delivery_tag)
            raise AMQPConnectionError("the broker ended the subscription")
        finally:
            with suppress(Exception):
                connection.close()

    def _consume(self, connection: Any, arrived: deque[tuple[Any, Any, bytes]]) -> Any:
        channel = connection.channel()
        channel.basic_qos(prefetch_count=WINDOW)
        channel.add_on_cancel_callback(lambda _frame: channel.close())
        began = datetime.now(UTC)
        channel.basic_consume(
            LOG,
            lambda _channel, method, properties, body: arrived.append((method, properties, body)),
            arguments={OFFSET: self._start},
        )
        if self._start == "next":
            self._start = began  # so that an interruption before the first message leaves no gap
        if self._read:
            self._tell("Connected again.")
        self._read = True
        self._backoff.reset()
        return channel

    def _pause(self, error: Exception) -> None:
        if not self._read:
            raise _final(error, self._broker) from error
        refused = isinstance(error, ProbableAuthenticationError | ProbableAccessDeniedError)
        if refused or (isinstance(error, ChannelClosedByBroker) and error.reply_code == REFUSED):
            raise _final(error, self._broker) from error
        wait = self._backoff.seconds()
        self._tell(f"The broker is away ({why(error)}); trying again in {wait:.0f} s.")
        time.sleep(wait)


def _parameters(broker: BrokerAddress) -> pika.ConnectionParameters:
    return pika.ConnectionParameters(
        broker.host,
        broker.port,
        broker.vhost,
        pika.PlainCredentials(broker.user, broker.password),
        heartbeat=HEARTBEAT_SECONDS,
        socket_timeout=CONNECT_SECONDS,
        stack_timeout=2 * CONNECT_SECONDS,
        blocked_connection_timeout=None,
        client_properties={"connection_name": "concord tail"},
    )


def _final(error: Exception, broker: BrokerAddress) -> Exception:
    """What to say when waiting would not help, or nothing was ever reached."""
    where = f"{broker.host}:{broker.port}"
    if isinstance(error, ProbableAuthenticationError):
        return UsageError(f"The broker at {where} refused the login of '{broker.user}': correct --broker.")
    if isinstance(error, ProbableAccessDeniedError):
        return UsageError(f"'{broker.user}' may not use virtual host '{broker.vhost}' at {where}: correct --broker.")
    if isinstance(error, ChannelClosedByBroker) and error.reply_code == REFUSED:
        return UsageError(f"'{broker.user}' may not read {LOG}: use a login with read permission on it.")
    if isinstance(error, ChannelClosedByBroker) and error.reply_code == MISSING:
        return UsageError(f"There is no {LOG} in virtual host '{broker.vhost}': run `concord topology apply`.")
    return Away(f"No broker answers at {where} ({why(error)}): start it, or correct --broker.")


def why(error: Exception) -> str:
    """In the broker's or the system's words: pika wraps the reason several times, or gives none in words."""
    if isinstance(error, ConnectionClosedByBroker | ChannelClosedByBroker):
        return str(error.reply_text)
    inner: Any = error
    while getattr(inner, "args", None) and isinstance(inner.args[0], BaseException):
        inner = inner.args[0]
    cause = getattr(inner, "exception", inner)
    if isinstance(cause, OSError) and cause.strerror:
        return cause.strerror
    return " ".join(str(cause).split())[:200] or type(error).__name__
