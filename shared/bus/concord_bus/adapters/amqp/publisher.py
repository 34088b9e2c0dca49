"""Publishes with a window of asynchronous confirms."""

from collections.abc import Sequence
from functools import partial
from itertools import takewhile
from time import monotonic
from typing import Any

from concord_bus.adapters.amqp.connection import abort, close, connect, drain_all
from concord_bus.adapters.amqp.frames import FrameWriter
from concord_bus.domain.stored_messages import Outgoing
from concord_bus.relay import PublishOutcome, PublishReport
from concord_bus.settings import BrokerAddress
from concord_contracts import CONTENT_TYPE

CONFIRM_SECONDS = 20.0
PERSISTENT = 2


class ConfirmTimeout(OSError):
    """The broker did not confirm in time. Remedy: connect again and send the unconfirmed messages."""


class ConfirmingPublisher:
    """One publishing connection, for a single green thread: the relay."""

    def __init__(self, address: BrokerAddress, name: str) -> None:
        """Connect. Raises one of `connection.LOST`."""
        self.blocked = False
        self._connection = connect(address, name, self._on_blocked)
        try:
            self._channel = self._connection.channel()
            self._channel.confirm_select()
        except BaseException:
            abort(self._connection)
            raise
        self._channel.events["basic_ack"].add(partial(self._report, PublishOutcome.CONFIRMED))
        self._channel.events["basic_nack"].add(partial(self._report, PublishOutcome.NACKED))
        self._channel.events["basic_return"].add(self._on_return)
        self._writer = FrameWriter(self._channel.channel_id, self._connection.frame_max, CONTENT_TYPE, PERSISTENT)
        self._next_tag = 1
        self._unconfirmed: dict[int, tuple[int, str]] = {}  # delivery tag: row, event id
        self._returned: set[str] = set()
        self._reports: list[PublishReport] = []
        self._confirmed_at = monotonic()

    def send(self, rows: Sequence[Outgoing]) -> None:
        """Send rows, in order, in one write."""
        if not self._unconfirmed:
            self._confirmed_at = monotonic()
        frames = self._writer.publish((row.exchange, row.routing_key, row.event_id, row.body) for row in rows)
        for tag, row in enumerate(rows, self._next_tag):
            self._unconfirmed[tag] = (row.seq, row.event_id)
        self._next_tag += len(rows)
        self._connection.transport.write(frames)
        self._connection.bytes_sent += 1  # py-amqp's heartbeat counts its own writes only

    def reports(self, seconds: float) -> list[PublishReport]:
        """Return the reports after at most `seconds`. Raises one of `connection.LOST`, also for late confirms."""
        drain_all(self._connection, seconds)
        self._connection.heartbeat_tick()
        if self.blocked or not self._unconfirmed:
            self._confirmed_at = monotonic()
        elif monotonic() - self._confirmed_at > CONFIRM_SECONDS:
            raise ConfirmTimeout(f"no confirm for {CONFIRM_SECONDS:.0f} seconds")
        taken, self._reports = self._reports, []
        return taken

    @property
    def silent_seconds(self) -> float:
        """The seconds for which the broker has owed a confirm."""
        return monotonic() - self._confirmed_at if self._unconfirmed else 0.0

    def close(self) -> None:
        close(self._connection)

    def abort(self) -> None:
        abort(self._connection)

    def _on_blocked(self, blocked: bool) -> None:
        self.blocked = blocked

    def _on_return(self, error: Any, exchange: str, routing_key: str, message: Any) -> None:
        """Note an unroutable message. The broker sends the return before the ack."""
        self._returned.add(message.properties.get("message_id", ""))

    def _report(self, outcome: PublishOutcome, tag: int, multiple: bool) -> None:
        self._confirmed_at = monotonic()
        tags = list(takewhile(lambda number: number <= tag, self._unconfirmed)) if multiple else [tag]
        for number in tags:
            seq, event_id = self._unconfirmed.pop(number, (0, ""))
            if outcome is PublishOutcome.CONFIRMED and event_id in self._returned:
                self._returned.discard(event_id)
                self._reports.append(PublishReport(seq, PublishOutcome.RETURNED))
            elif seq:
                self._reports.append(PublishReport(seq, outcome))
