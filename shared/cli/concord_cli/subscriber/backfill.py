"""Copying granted events of the past from the log of all events into one queue of a subscriber, in order."""

import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPChannelError, AMQPError

from concord_bus.adapters.amqp.connection import LOST
from concord_bus.adapters.amqp.publisher import ConfirmingPublisher
from concord_bus.domain.stored_messages import Outgoing
from concord_bus.relay import Fate
from concord_bus.settings import BrokerAddress
from concord_bus.topology import LOG, Grant
from concord_bus.topology.subscriber_permissions import copies_exchange
from concord_cli.tail.event_filter import read
from concord_cli.tail.stream_follower import why

BATCH = 500
OFFSET = "x-stream-offset"
PATIENCE, QUIET = 3.0, 0.4
"""Seconds to wait for the log's first message, and after the last one of its end."""
CLOCKS_DIFFER = timedelta(minutes=2)
TICK = 0.5
Start = int | datetime


class CopyFailed(Exception):
    """It broke off; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Past:
    """What to copy: what `grant` allows, told from `since` on, into `queue`.

    `room` is how many messages may wait in the queue before it is waited for its reader; None for any number.
    """

    grant: Grant
    queue: str
    since: datetime
    room: int | None = None


@dataclass(slots=True)
class Progress:
    """Messages read and copied, and where in the log to go on."""

    read: int = 0
    copied: int = 0
    next: Start = 0


def copy(address: BrokerAddress, past: Past, tell: Callable[[Progress], None], start: Start | None = None) -> Progress:
    """Copy up to where the log ends now. Running it again is safe: a client drops copies. Raises CopyFailed."""
    progress = Progress(next=past.since - CLOCKS_DIFFER if start is None else start)
    try:
        connection = pika.BlockingConnection(_parameters(address))
        try:
            channel = connection.channel()
            end = _end(connection)
            if end is not None and not (isinstance(progress.next, int) and progress.next > end):
                _copy(_Way(address, channel, past), _batches(connection, progress, end), progress, tell)
        finally:
            with suppress(AMQPError, OSError):
                connection.close()
    except (*LOST, AMQPError) as error:
        raise CopyFailed(
            f"The broker is away or refuses ({why(error)}); {progress.copied:,} were copied. "
            "Run it again: copies are dropped."
        ) from error
    return progress


def _copy(
    way: "_Way", batches: Iterator[list[tuple[str, bytes]]], progress: Progress, tell: Callable[[Progress], None]
) -> None:
    try:
        for batch in batches:
            progress.copied += way.send(batch)
            tell(progress)
    finally:
        way.close()


class _Way:
    """From here into the queue: an exchange for this alone, and publisher confirms."""

    def __init__(self, address: BrokerAddress, channel: BlockingChannel, past: Past) -> None:
        self._channel = channel
        self._past = past
        self._exchange = copies_exchange(past.grant.name)
        channel.exchange_declare(self._exchange, "fanout", auto_delete=True)
        channel.queue_bind(past.queue, self._exchange)
        self._publisher = ConfirmingPublisher(address, f"concord subscriber {past.grant.name}")

    def send(self, messages: list[tuple[str, bytes]]) -> int:
        """The number of those granted, once the broker has them all. Raises CopyFailed, one of LOST."""
        rows: list[Outgoing] = []
        for key, body in messages:
            seen = read(body) if self._past.grant.allows(key) else None
            if seen and seen.told >= self._past.since:
                event_id = str(seen.envelope.get("id", ""))
                rows.append(Outgoing(len(rows) + 1, event_id, seen.concern, self._exchange, key, body, False, 0.0))
        if rows:
            self._await_room(len(rows))
            self._publisher.send(rows)
            self._await_confirms(len(rows))
        return len(rows)

    def close(self) -> None:
        self._publisher.close()
        if self._channel.is_open:
            self._channel.queue_unbind(self._past.queue, self._exchange)

    def _await_confirms(self, missing: int) -> None:
        while missing:
            for report in self._publisher.reports(TICK):
                missing -= 1
                if report.fate is not Fate.CONFIRMED:
                    raise CopyFailed(f"The broker did not take a copy ({report.fate.value}): see concord doctor.")

    def _await_room(self, wanted: int) -> None:
        if self._past.room is None:
            return
        while True:
            queue = self._channel.queue_declare(self._past.queue, passive=True).method
            if queue.message_count + wanted <= self._past.room:
                return
            if not queue.consumer_count:
                raise CopyFailed(
                    f"{queue.message_count:,} messages wait in {self._past.queue} and nobody reads it: "
                    "start the subscriber, then run this again; copies are dropped."
                )
            self._channel.connection.process_data_events(TICK)
            self._publisher.reports(0)


def _batches(connection: pika.BlockingConnection, progress: Progress, end: int) -> Iterator[list[tuple[str, bytes]]]:
    """Routing keys and bodies, up to the message numbered `end`."""
    channel, arrived = connection.channel(), list[tuple[Any, Any, bytes]]()
    channel.basic_qos(prefetch_count=2 * BATCH)
    channel.add_on_cancel_callback(lambda _frame: channel.close())
    channel.basic_consume(LOG, lambda _c, *message: arrived.append(message), arguments={OFFSET: progress.next})
    while True:
        connection.process_data_events(TICK)
        if not channel.is_open:
            raise AMQPChannelError("the broker ended the reading of the log")
        batch, arrived[:] = arrived[:], []
        if not batch:
            continue
        progress.read += len(batch)
        progress.next = int(batch[-1][1].headers[OFFSET]) + 1
        yield [(method.routing_key, body) for method, _, body in batch]
        if progress.next > end:
            channel.close()
            return
        channel.basic_ack(batch[-1][0].delivery_tag, multiple=True)


def _end(connection: pika.BlockingConnection) -> int | None:
    """The number of the log's last message; None while it is empty."""
    channel, offsets = connection.channel(), list[int]()
    channel.basic_qos(prefetch_count=10_000)
    channel.basic_consume(
        LOG,
        lambda _c, _m, properties, _b: offsets.append(int(properties.headers[OFFSET])),
        arguments={OFFSET: "last"},
    )
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        before = len(offsets)
        connection.process_data_events(min(QUIET, max(0.0, until - time.monotonic())))
        if offsets and len(offsets) == before:
            break
    channel.close()
    return offsets[-1] if offsets else None


def _parameters(address: BrokerAddress) -> pika.URLParameters:
    login = f"{quote(address.user, safe='')}:{quote(address.password, safe='')}"
    parameters = pika.URLParameters(
        f"amqp://{login}@{address.host}:{address.port}/{quote(address.vhost, safe='')}?heartbeat=30"
    )
    parameters.socket_timeout = 5
    parameters.client_properties = {"connection_name": "concord subscriber"}
    return parameters


def since_days(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)
