"""The relay publishes the outbox in order and deletes a row when the broker confirms it.

It knows no broker: a publisher sends rows and reports their outcome, a source reads and deletes them. A service runs
one relay at a time, so that the relay cannot skip a row that commits late.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from concord_bus.domain.stored_messages import Outgoing
from concord_bus.metrics import Instruments

WINDOW = 4000
"""The maximum of unconfirmed messages. A batch of concerns creates 1,600 messages and occupies the processor. With a
smaller window the broker would wait for us."""
RESEND_AFTER_NACK = 0.5
RETRY_UNROUTABLE = 5.0


class PublishOutcome(Enum):
    """The broker's response to a message."""

    CONFIRMED = "confirmed"
    NACKED = "nacked"
    RETURNED = "returned"  # confirmed, but unroutable


@dataclass(frozen=True, slots=True)
class PublishReport:
    """The outcome of the outbox row `seq`."""

    seq: int
    outcome: PublishOutcome


class Publisher(Protocol):
    """A connection that publishes with asynchronous confirms. Its errors mean that the connection is lost."""

    def send(self, unsent: Sequence[Outgoing]) -> None: ...

    def reports(self, seconds: float) -> list[PublishReport]:
        """Return the reports received, after waiting at most `seconds` for the first."""


class OutboxSource(Protocol):
    """The outbox through a lease that only one process of the service holds."""

    def read(self, above: int, limit: int) -> list[Outgoing]: ...

    def remove(self, seqs: Sequence[int]) -> None: ...

    def postpone(self, seqs: Sequence[int], seconds: float) -> None: ...


@dataclass(eq=False)
class Relay:
    """Moves rows from the source to the publisher.

    Create a new one for every connection: it sends again what was unconfirmed on the old one.
    """

    source: OutboxSource
    publisher: Publisher
    instruments: Instruments = field(default_factory=Instruments.unregistered)
    window: int = WINDOW
    _in_flight: dict[int, Outgoing] = field(default_factory=dict, init=False)
    _unroutable: set[int] = field(default_factory=set, init=False)
    _cursor: int = field(default=0, init=False)
    _exhausted: bool = field(default=False, init=False)

    @property
    def idle(self) -> bool:
        """True without unconfirmed messages."""
        return not self._in_flight

    def rescan(self, *, from_start: bool = False) -> None:
        """Look for new rows; with `from_start` also for older ones: postponed, refused or committed late."""
        self._exhausted = False
        if from_start:
            self._cursor = 0

    def fill(self) -> int:
        """Send as many rows as the window has room for, and return their number."""
        room = self.window - len(self._in_flight)
        if self._exhausted or room < max(1, self.window // 4):
            return 0
        limit = room if self._cursor else self.window  # a scan from the start reads rows in flight again
        rows = self.source.read(self._cursor, limit)
        self._exhausted = len(rows) < limit
        waiting = [row for row in rows if row.seq not in self._in_flight]
        unsent = waiting[:room]
        if len(unsent) < len(waiting):
            self._exhausted = False
            self._cursor = unsent[-1].seq
        elif rows:
            self._cursor = rows[-1].seq
        if unsent:
            self.publisher.send(unsent)
            self._in_flight.update((row.seq, row) for row in unsent)
            self.instruments.published(row.routing_key for row in unsent)
        return len(unsent)

    def process_confirms(self, seconds: float) -> int:
        """Process the broker's reports, waiting at most `seconds`, and return how many rows left the outbox."""
        reports = self.publisher.reports(seconds)
        done: list[Outgoing] = []
        refused: list[int] = []
        unroutable: list[int] = []
        for report in reports:
            row = self._in_flight.pop(report.seq, None)
            if row is None:
                continue
            if report.outcome is PublishOutcome.NACKED:
                self.instruments.nacked.inc()
                refused.append(row.seq)
            elif report.outcome is PublishOutcome.RETURNED and self._must_arrive(row):
                unroutable.append(row.seq)
            else:
                done.append(row)
        self._write(done, refused, unroutable)
        return len(done)

    def _must_arrive(self, row: Outgoing) -> bool:
        """Return whether an unroutable message is an error: a private message must reach its service, a public one need
        not."""
        self.instruments.returned.labels(row.exchange).inc()
        return row.private

    def _write(self, done: Sequence[Outgoing], refused: Sequence[int], unroutable: Sequence[int]) -> None:
        if done:
            self.source.remove([row.seq for row in done])
            self.instruments.confirmed(row.routing_key for row in done)
            self._unroutable.difference_update(row.seq for row in done)
        if refused:
            self.source.postpone(refused, RESEND_AFTER_NACK)
        if unroutable:
            self.source.postpone(unroutable, RETRY_UNROUTABLE)
            self._unroutable.update(unroutable)
        self.instruments.unroutable.set(len(self._unroutable))
