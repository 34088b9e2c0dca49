"""A channel that publishes with a window of asynchronous confirms, and says what becomes of each message."""

from collections.abc import Sequence
from itertools import takewhile
from time import monotonic
from typing import Any

from amqp.exceptions import ChannelError

from concord_bus.adapters.amqp.frames import FrameWriter
from concord_bus.domain.refusals import Refusal
from concord_bus.domain.stored_messages import Outgoing
from concord_bus.relay import PublishOutcome, PublishReport
from concord_contracts import CONTENT_TYPE

PERSISTENT = 2
SYNTAX_ERROR = 502
"""AMQP's code for a field that the protocol cannot hold."""


class ConfirmChannel:
    """One channel of a publishing connection. py-amqp opens it again when the broker has closed it."""

    def __init__(self, connection: Any) -> None:
        """Open the channel. Raises one of `connection.LOST`."""
        self._connection = connection
        self._channel = connection.channel()
        self._channel.confirm_select()
        self._channel.events["basic_ack"].add(self._on_ack)
        self._channel.events["basic_nack"].add(self._on_nack)
        self._channel.events["basic_return"].add(self._on_return)
        self._writer = FrameWriter(self._channel.channel_id, connection.frame_max, CONTENT_TYPE, PERSISTENT)
        self._next_tag = 1
        self._unconfirmed: dict[int, Outgoing] = {}
        self._returned: set[str] = set()
        self._reports: list[PublishReport] = []
        self.confirmed_at = monotonic()

    @property
    def waiting(self) -> bool:
        """True while the broker owes a confirm."""
        return bool(self._unconfirmed)

    def send(self, rows: Sequence[Outgoing]) -> None:
        """Send rows, in order, in one write. Reports a row that the protocol cannot hold as refused."""
        if not self._unconfirmed:
            self.confirmed_at = monotonic()
        try:
            frames = self._frames(rows)
        except ValueError:
            rows = [row for row in rows if self._fits(row)]
            frames = self._frames(rows)
        self._unconfirmed.update(enumerate(rows, self._next_tag))
        self._next_tag += len(rows)
        self._connection.transport.write(frames)
        self._connection.bytes_sent += 1  # py-amqp's heartbeat counts its own writes only

    def _frames(self, rows: Sequence[Outgoing]) -> bytearray:
        return self._writer.publish((row.exchange, row.routing_key, row.event_id, row.body) for row in rows)

    def _fits(self, row: Outgoing) -> bool:
        try:
            self._frames([row])
        except ValueError as error:
            self._report(row, PublishOutcome.REFUSED, Refusal(SYNTAX_ERROR, str(error)))
            return False
        return True

    def take_reports(self) -> list[PublishReport]:
        taken, self._reports = self._reports, []
        return taken

    def closed(self, error: ChannelError) -> bool:
        """Report all unconfirmed rows if the broker closed this channel, and make it ready for the next ones."""
        if not self._channel.closed_by_broker:
            return False
        self._channel.closed_by_broker = False
        refusal = Refusal(error.reply_code or 0, str(error.reply_text))
        rows, self._unconfirmed = list(self._unconfirmed.values()), {}
        self._returned.clear()
        self._next_tag = 1
        culprit = refusal.culprit(rows)
        for row in rows:
            if row is culprit:
                self._report(row, PublishOutcome.REFUSED, refusal)
            else:
                self._report(row, PublishOutcome.UNSENT if culprit else PublishOutcome.SUSPECTED)
        self._channel.confirm_select()
        return True

    def _on_ack(self, tag: int, multiple: bool) -> None:
        self._settle(tag, multiple, PublishOutcome.CONFIRMED)

    def _on_nack(self, tag: int, multiple: bool) -> None:
        self._settle(tag, multiple, PublishOutcome.NACKED)

    def _on_return(self, error: Any, exchange: str, routing_key: str, message: Any) -> None:
        """Note an unroutable message. The broker sends the return before the ack."""
        self._returned.add(message.properties.get("message_id", ""))

    def _settle(self, tag: int, multiple: bool, outcome: PublishOutcome) -> None:
        self.confirmed_at = monotonic()
        tags = list(takewhile(lambda number: number <= tag, self._unconfirmed)) if multiple else [tag]
        for number in tags:
            row = self._unconfirmed.pop(number, None)
            if row is None:
                continue
            if outcome is PublishOutcome.CONFIRMED and row.event_id in self._returned:
                self._returned.discard(row.event_id)
                self._report(row, PublishOutcome.RETURNED)
            else:
                self._report(row, outcome)

    def _report(self, row: Outgoing, outcome: PublishOutcome, refusal: Refusal | None = None) -> None:
        self._reports.append(PublishReport(row.seq, outcome, refusal))
