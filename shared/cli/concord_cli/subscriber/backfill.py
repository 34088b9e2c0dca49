"""Copies of past events, from the stream of all events into a queue of one subscriber, in order."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import click
import pika
from pika.adapters.blocking_connection import BlockingChannel
from pika.exceptions import AMQPChannelError

from concord_bus.adapters.amqp.connection import LOST as BUS_LOST
from concord_bus.adapters.amqp.publisher import ConfirmingPublisher
from concord_bus.adapters.amqp.stream_reader import last_offset
from concord_bus.domain.stored_messages import Outgoing
from concord_bus.relay import PublishOutcome
from concord_bus.settings import BrokerAddress
from concord_bus.topology.declarations import LOG, LOG_MARKER_EXCHANGE
from concord_bus.topology.grants import Grant
from concord_bus.topology.subscriber_admin import Subscribers
from concord_bus.topology.subscriber_permissions import copies_exchange
from concord_cli.common.broker_connection import LOST, OFFSET, connection_parameters, failure_reason, follow_log
from concord_cli.common.public_event import parse_event
from concord_cli.subscriber.target import Target

NAME = "concord subscriber"
BATCH = 500
QUIET_SECONDS = 0.4
"""Silence after which the last message is the end of the stream."""
MAX_CLOCK_SKEW = timedelta(minutes=2)
POLL_SECONDS = 0.5
PROGRESS_SECONDS = 2.0
Start = int | datetime
Message = tuple[str, bytes]
"""Routing key and body."""


class BackfillError(Exception):
    """An incomplete copy; the text says why and what to do."""


@dataclass(frozen=True, slots=True)
class Backfill:
    """Events that `grant` allows, recorded at `since` or later, for `queue`.

    `room` is the number of messages in the queue above which the copy waits for the consumer; None for no limit.
    """

    grant: Grant
    queue: str
    since: datetime
    room: int | None = None


@dataclass(slots=True)
class Progress:
    """Counts of messages read and copied, and the stream offset at which to continue."""

    read: int = 0
    copied: int = 0
    next: Start = 0


class ProgressLine:
    """Prints the progress to standard error, at most once every two seconds."""

    def __init__(self) -> None:
        self._printed = time.monotonic()

    def __call__(self, progress: Progress) -> None:
        if time.monotonic() - self._printed >= PROGRESS_SECONDS:
            self._printed = time.monotonic()
            click.echo(f"{progress.read:,} read, {progress.copied:,} copied", err=True)


def fill_stream(target: Target, subscribers: Subscribers, grant: Grant, *, refill: bool = False) -> None:
    """Create the subscriber's own stream and fill it with past events.

    Does nothing without a replay grant, or if the stream exists, unless `refill`. The stream gets its bindings after
    the first copy, so that past events come first; a second copy adds the events in between. Raises ClickException for
    an incomplete copy. The stream then has no bindings, and the next call starts again.
    """
    if not grant.replay_days or (not refill and subscribers.has_stream(grant)):
        return
    subscribers.make_stream(grant)
    operator = target.operator(subscribers.listeners())
    backfill = Backfill(grant, grant.replay_stream, datetime.now(UTC) - timedelta(days=grant.replay_days))
    try:
        before = copy_events(operator, backfill, ProgressLine())
        subscribers.bind_stream(grant)
        after = copy_events(operator, backfill, ProgressLine(), before.next if before.read else None)
    except BackfillError as error:
        remedy = f"Then: concord subscriber add {grant.name} --update …"
        raise click.ClickException(f"{error} {grant.replay_stream} is not ready. {remedy}") from error
    click.echo(f"{grant.replay_stream} has {before.copied + after.copied:,} past events.", err=True)


def copy_events(
    address: BrokerAddress, backfill: Backfill, report: Callable[[Progress], None], start: Start | None = None
) -> Progress:
    """Copy up to the current end of the stream. You can repeat it: clients drop duplicates. Raises BackfillError."""
    progress = Progress(next=backfill.since - MAX_CLOCK_SKEW if start is None else start)
    try:
        end = last_offset(address, NAME, LOG, QUIET_SECONDS)
        if end is None or (isinstance(progress.next, int) and progress.next > end):
            return progress
        connection = pika.BlockingConnection(connection_parameters(address, NAME, heartbeat=30))
        try:
            with closing(_Destination(address, connection.channel(), backfill)) as destination:
                for batch in _batches(connection, progress, end):
                    progress.copied += destination.send(batch)
                    report(progress)
        finally:
            with suppress(*LOST):
                connection.close()
    except (*BUS_LOST, *LOST) as error:
        reason = failure_reason(error, address.host)
        raise BackfillError(
            f"The broker is unavailable or refuses ({reason}) after {progress.copied:,} copies. "
            "Run the command again; clients drop duplicates."
        ) from error
    return progress


class _Destination:
    """The subscriber's queue, behind an exchange for this copy alone, with publisher confirms."""

    def __init__(self, address: BrokerAddress, channel: BlockingChannel, backfill: Backfill) -> None:
        self._channel = channel
        self._backfill = backfill
        self._exchange = copies_exchange(backfill.grant.name)
        channel.exchange_declare(self._exchange, "fanout", auto_delete=True)
        channel.queue_bind(backfill.queue, self._exchange)
        self._publisher = ConfirmingPublisher(address, f"{NAME} {backfill.grant.name}")

    def send(self, messages: list[Message]) -> int:
        """Publish the granted messages, wait for their confirms and return their number.

        Raises BackfillError, or one of BUS_LOST.
        """
        rows: list[Outgoing] = []
        for key, body in messages:
            event = parse_event(body) if self._backfill.grant.allows(key) else None
            if event and event.recorded_at >= self._backfill.since:
                event_id = str(event.envelope.get("id", ""))
                rows.append(Outgoing(len(rows) + 1, event_id, event.concern, self._exchange, key, body, False, 0.0))
        if rows:
            self._await_room(len(rows))
            self._publisher.send(rows)
            self._await_confirms(len(rows))
        return len(rows)

    def close(self) -> None:
        self._publisher.close()
        if self._channel.is_open:
            self._channel.queue_unbind(self._backfill.queue, self._exchange)

    def _await_confirms(self, missing: int) -> None:
        while missing:
            for report in self._publisher.reports(POLL_SECONDS):
                missing -= 1
                if report.outcome is not PublishOutcome.CONFIRMED:
                    reason = report.refusal.words if report.refusal else report.outcome.value
                    raise BackfillError(f"The broker refused a copy ({reason}): run `concord doctor`.")

    def _await_room(self, count: int) -> None:
        if self._backfill.room is None:
            return
        while True:
            queue = self._channel.queue_declare(self._backfill.queue, passive=True).method
            if queue.message_count + count <= self._backfill.room:
                return
            if not queue.consumer_count:
                raise BackfillError(
                    f"{self._backfill.queue} has {queue.message_count:,} messages and no consumer: "
                    "start the subscriber, then run the command again; clients drop duplicates."
                )
            self._channel.connection.process_data_events(POLL_SECONDS)
            self._publisher.reports(0)


def _batches(connection: pika.BlockingConnection, progress: Progress, end: int) -> Iterator[list[Message]]:
    """Yield the messages of the stream up to the offset `end`.

    Leaves the channel open: to close it, pika would reject the deliveries beyond `end`, and a stream refuses that.
    """
    channel, arrived = follow_log(connection, progress.next, 2 * BATCH)
    while True:
        connection.process_data_events(POLL_SECONDS)
        if not channel.is_open:
            raise AMQPChannelError("the broker ended the subscription")
        batch = list(arrived)
        arrived.clear()
        if not batch:
            continue
        progress.read += len(batch)
        progress.next = int(batch[-1][1].headers[OFFSET]) + 1
        yield [(method.routing_key, body) for method, _, body in batch if method.exchange != LOG_MARKER_EXCHANGE]
        if progress.next > end:
            return
        channel.basic_ack(batch[-1][0].delivery_tag, multiple=True)
