"""The relay publishes the outbox in order and deletes a row when the broker confirms it.

It knows no broker: a publisher sends rows and reports their outcome, a source reads and deletes them. A service runs
one relay at a time, so that the relay cannot skip a row that commits late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from concord_bus.domain.held_messages import HeldMessages
from concord_bus.domain.refusals import Destination, Refusal
from concord_bus.domain.stored_messages import Outgoing
from concord_bus.metrics import Instruments

WINDOW = 4000
"""The maximum of unconfirmed messages. A batch of concerns creates 1,600 messages and occupies the processor. With a
smaller window the broker would wait for us."""
PAGE = 100
"""Rows of a held destination in one read."""


class PublishOutcome(Enum):
    """The broker's response to a message."""

    CONFIRMED = "confirmed"
    NACKED = "nacked"
    RETURNED = "returned"  # confirmed, but unroutable
    REFUSED = "refused"  # the broker closed the channel because of this message
    SUSPECTED = "suspected"  # the broker closed the channel because of this message or another
    UNSENT = "unsent"  # the broker closed the channel because of another message


@dataclass(frozen=True, slots=True)
class PublishReport:
    """The outcome of the outbox row `seq`, with the broker's words if it refused the row."""

    seq: int
    outcome: PublishOutcome
    refusal: Refusal | None = None


class LogMissing(OSError):
    """No queue took a public event, so the log of public events is away. Remedy: connect again and wait for it."""


class Publisher(Protocol):
    """A connection that publishes with asynchronous confirms. Its errors mean that the connection is lost."""

    def send(self, unsent: Sequence[Outgoing]) -> None: ...

    def send_alone(self, row: Outgoing) -> None:
        """Send a row over a channel of its own, which the broker may close without harm to others."""

    def reports(self, seconds: float) -> list[PublishReport]:
        """Return the reports received, after waiting at most `seconds` for the first."""


class OutboxSource(Protocol):
    """The outbox through a lease that only one process of the service holds."""

    def read(self, above: int, limit: int, without: Sequence[Destination] = ()) -> list[Outgoing]: ...

    def read_held(self, which: Destination, above: int, limit: int) -> list[Outgoing]: ...

    def remove(self, seqs: Sequence[int]) -> None: ...


class Relay:
    """Moves rows from the source to the publisher.

    Create a new one for every connection: it sends again what was unconfirmed on the old one. `held` stays.
    """

    def __init__(
        self,
        source: OutboxSource,
        publisher: Publisher,
        instruments: Instruments | None = None,
        window: int = WINDOW,
        held: HeldMessages | None = None,
    ) -> None:
        self._source = source
        self._publisher = publisher
        self._instruments = instruments or Instruments.unregistered()
        self._window = window
        self._held = HeldMessages() if held is None else held
        self._held.disconnected()
        self._in_flight: dict[int, Outgoing] = {}
        self._alone: int | None = None
        self._cursor = 0
        self._exhausted = False

    @property
    def idle(self) -> bool:
        """True without unconfirmed messages."""
        return not self._in_flight

    @property
    def _full(self) -> bool:
        return len(self._in_flight) >= self._window

    def rescan(self, *, from_start: bool = False) -> None:
        """Look for new rows; with `from_start` also for older ones: held, refused or committed late."""
        self._exhausted = False
        if from_start:
            self._cursor = 0

    def fill(self) -> int:
        """Send as many rows as the window has room for, and return their number."""
        return self._try_held() + self._send_next()

    def _send_next(self) -> int:
        room = self._window - len(self._in_flight)
        if self._exhausted or room < max(1, self._window // 4):
            return 0
        limit = room if self._cursor else self._window  # a scan from the start reads rows in flight again
        rows = self._source.read(self._cursor, limit, self._held.destinations.names)
        self._exhausted = len(rows) < limit
        waiting = self._sendable(rows)
        unsent = waiting[:room]
        if len(unsent) < len(waiting):
            self._exhausted = False
            self._cursor = unsent[-1].seq
        elif rows:
            self._cursor = rows[-1].seq
        self._send(unsent)
        return len(unsent)

    def _sendable(self, rows: Sequence[Outgoing]) -> list[Outgoing]:
        return [row for row in rows if row.seq not in self._in_flight and not self._held.rows.rests(row)]

    def _try_held(self) -> int:
        """Send the rows whose turn it is among those that the broker refused, and return their number."""
        sent = 0
        for which in self._held.destinations.due():
            alone = self._held.destinations[which].alone
            if self._full or (alone and self._alone is not None):
                continue
            rows = self._first_of(which, 1 if alone else self._held.destinations[which].allowance)
            self._held.tried(which, [row.seq for row in rows])
            if alone and rows:
                self._send_alone(rows[0])
            else:
                self._send(rows)
            sent += len(rows)
        if not self._full and self._alone is None and (seq := next(self._held.due_alone(), None)) is not None:
            for row in self._source.read(seq - 1, 1):
                self._send_alone(row)
                sent += 1
        return sent

    def _first_of(self, which: Destination, count: int) -> list[Outgoing]:
        """Return the first rows of a held destination that do not rest, at most `count` and what the window allows."""
        count = min(count, self._window - len(self._in_flight))
        found: list[Outgoing] = []
        above = 0
        while len(found) < count:
            rows = self._source.read_held(which, above, PAGE)
            found += self._sendable(rows)
            if len(rows) < PAGE:
                break
            above = rows[-1].seq
        return found[:count]

    def _send(self, rows: Sequence[Outgoing]) -> None:
        if rows:
            self._publisher.send(rows)
            self._in_flight.update((row.seq, row) for row in rows)
            self._instruments.published(row.routing_key for row in rows)

    def _send_alone(self, row: Outgoing) -> None:
        self._alone = row.seq
        self._publisher.send_alone(row)
        self._in_flight[row.seq] = row
        self._instruments.published([row.routing_key])

    def process_confirms(self, seconds: float) -> int:
        """Process the broker's reports, waiting at most `seconds`, and return how many rows left the outbox.

        Raises LogMissing for a returned public event: the log takes each of them.
        """
        done: list[Outgoing] = []
        log_missing = False
        for report in self._publisher.reports(seconds):
            row = self._in_flight.pop(report.seq, None)
            if row is None:
                continue
            if row.seq == self._alone:
                self._alone = None
            if report.outcome is PublishOutcome.CONFIRMED:
                done.append(row)
            elif report.outcome is PublishOutcome.RETURNED and not row.private:
                self._instruments.returned.labels(row.exchange).inc()
                log_missing = True
            else:
                self._not_taken(row, report)
        self._remove(done)
        if log_missing:
            raise LogMissing("no queue took a public event")
        return len(done)

    def _not_taken(self, row: Outgoing, report: PublishReport) -> None:
        if report.outcome is PublishOutcome.NACKED:
            self._instruments.nacked.inc()
            self._held.nacked(row)
        elif report.outcome is PublishOutcome.RETURNED:
            self._instruments.returned.labels(row.exchange).inc()
            self._held.returned(row)
        elif report.outcome is PublishOutcome.REFUSED and report.refusal is not None:
            self._instruments.refused.labels(str(report.refusal.code)).inc()
            self._held.refused(row, report.refusal)
        elif report.outcome is PublishOutcome.SUSPECTED:
            self._held.suspected(row)
        else:
            self._held.unsent(row)
            self.rescan(from_start=True)

    def _remove(self, done: Sequence[Outgoing]) -> None:
        if done:
            self._source.remove([row.seq for row in done])
            self._instruments.confirmed(row.routing_key for row in done)
            if self._held:
                for row in done:
                    self._held.confirmed(row)
        self._instruments.held(self._held)
