"""Reader of the stream of public events that continues after an interruption."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime

import pika
from pika.exceptions import AMQPConnectionError, ProbableAuthenticationError

from concord_bus.backoff import Backoff
from concord_bus.settings import BrokerAddress
from concord_bus.topology.declarations import LOG, LOG_MARKER_EXCHANGE
from concord_cli.common.broker_connection import (
    LOST,
    OFFSET,
    accepted,
    connection_parameters,
    failure_reason,
    follow_log,
    reply,
)
from concord_cli.common.errors import UsageError

HEARTBEAT_SECONDS = 20
PREFETCH = 500
POLL_SECONDS = 0.5
MAX_PAUSE_SECONDS = 30.0
ACCESS_REFUSED, NOT_FOUND, NOT_ALLOWED = 403, 404, 530

Start = str | int | datetime
"""Start of the reading: `next`, an offset, or a time, before which the broker may begin a little."""


class BrokerUnavailable(Exception):
    """A failed first connection to the broker; the text says why."""


class StreamFollower:
    """The messages of the stream from a start on, across interruptions."""

    def __init__(self, broker: BrokerAddress, start: Start, report: Callable[[str], None]) -> None:
        """`report` receives a line when the connection breaks and when it is back."""
        self._broker = broker
        self._start = start
        self._report = report
        self._connected_before = False
        self._backoff = Backoff(first=0.5, longest=MAX_PAUSE_SECONDS)

    def bodies(self) -> Iterator[bytes]:
        """Yield bodies until the caller stops. A broker that accepts the connection and is silent is waited for.

        Raises UsageError for a fault that does not pass, BrokerUnavailable if the first connection fails.
        """
        while True:
            try:
                yield from self._connected()
            except LOST as error:
                self._pause(error)

    def _connected(self) -> Iterator[bytes]:
        parameters = connection_parameters(self._broker, "concord tail", heartbeat=HEARTBEAT_SECONDS)
        connection = pika.BlockingConnection(parameters)
        try:
            began = datetime.now(UTC)
            channel, arrived = follow_log(connection, self._start, PREFETCH)
            self._note_start(began)
            while channel.is_open:
                connection.process_data_events(time_limit=POLL_SECONDS)
                while arrived:
                    method, properties, body = arrived.popleft()
                    self._start = int(properties.headers[OFFSET]) + 1
                    if method.exchange != LOG_MARKER_EXCHANGE:
                        yield body
                    channel.basic_ack(method.delivery_tag)
            raise AMQPConnectionError("the broker ended the subscription")
        finally:
            with suppress(Exception):
                connection.close()

    def _note_start(self, began: datetime) -> None:
        if self._start == "next":
            self._start = began  # so that an interruption before the first message leaves no gap
        if self._connected_before:
            self._report("Connected again.")
        self._connected_before = True
        self._backoff.reset()

    def _pause(self, error: Exception) -> None:
        is_passing = reply(error)[0] not in (ACCESS_REFUSED, NOT_ALLOWED)
        if not is_passing or not (self._connected_before or accepted(error)):
            raise _permanent_error(error, self._broker) from error
        seconds = self._backoff.seconds()
        why = failure_reason(error, self._broker.host)
        self._report(f"The broker is unavailable ({why}); retrying in {max(seconds, 1):.0f} s.")
        time.sleep(seconds)


def _permanent_error(error: Exception, broker: BrokerAddress) -> Exception:
    """Return the error for a fault that does not pass, or for a failed first connection."""
    where, (code, _) = broker.authority, reply(error)
    if isinstance(error, ProbableAuthenticationError) and code == ACCESS_REFUSED:
        return UsageError(f"The broker at {where} refused the login of '{broker.user}': correct --broker.")
    if code == NOT_ALLOWED:
        return UsageError(f"'{broker.user}' may not use virtual host '{broker.vhost}' at {where}: correct --broker.")
    if code == ACCESS_REFUSED:
        return UsageError(f"'{broker.user}' may not read {LOG}: use a login with read permission on it.")
    if code == NOT_FOUND:
        return UsageError(f"No stream {LOG} in virtual host '{broker.vhost}': run `concord topology apply`.")
    return BrokerUnavailable(
        f"No response from the broker at {where} ({failure_reason(error, broker.host)}): start it, or correct --broker."
    )
