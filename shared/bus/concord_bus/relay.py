"""From the outbox to the broker: in order, a window of unconfirmed messages, deleted only when confirmed.

The relay knows no broker: it is given a publisher that sends and reports, and a source that reads and deletes. One
relay runs for a service at a time, so nothing can be skipped by a row that commits late.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from concord_bus.domain.stored_messages import Outgoing
from concord_bus.metrics import Instruments

WINDOW = 4000
"""Messages on their way to be confirmed. A batch of concerns leaves 1,600 behind, and while the next is handled nobody
else has the processor: the broker must have more than one batch before it, or it waits for us."""
RESEND_AFTER_NACK = 0.5
RETRY_UNROUTABLE = 5.0


class PublishOutcome(Enum):
    """What the broker said of a message."""

    CONFIRMED = "confirmed"
    NACKED = "nacked"
    RETURNED = "returned"  # confirmed, but no queue was bound for it


@dataclass(frozen=True, slots=True)
class PublishReport:
    """The fate of the outbox row `seq`."""

    seq: int
    outcome: PublishOutcome


class Publisher(Protocol):
    """A connection that publishes with asynchronous confirms. Its errors mean that the connection is lost."""

    def send(self, rows: Sequence[Outgoing]) -> None: ...

    def reports(self, seconds: float) -> list[PublishReport]:
        """What came in; waits at most `seconds` for something to come."""


class OutboxSource(Protocol):
    """The outbox as the relay sees it, through a lease that only one process of the service holds."""

    def read(self, above: int, limit: int) -> list[Outgoing]: ...

    def remove(self, seqs: Sequence[int]) -> None: ...

    def postpone(self, seqs: Sequence[int], seconds: float) -> None: ...


class Relay:
    """Moves rows. Make a new one for every connection: what was in flight on a lost one is sent again."""

    def __init__(
        self, source: OutboxSource, publisher: Publisher, instruments: Instruments | None = None, window: int = WINDOW
    ) -> None:
        self._source = source
        self._publisher = publisher
        self._instruments = instruments or Instruments.unregistered()
        self._window = window
        self._in_flight: dict[int, Outgoing] = {}
        self._unroutable: set[int] = set()
        self._cursor = 0
        self._exhausted = False

    @property
    def idle(self) -> bool:
        """Nothing is in flight."""
        return not self._in_flight

    def rescan(self, *, from_start: bool = False) -> None:
        """There may be new rows; `from_start` looks for older ones too: postponed, refused or committed late."""
        self._exhausted = False
        if from_start:
            self._cursor = 0

    def fill(self) -> int:
        """Send what the window has room for; how many rows were sent."""
        room = self._window - len(self._in_flight)
        if self._exhausted or room < max(1, self._window // 4):
            return 0
        limit = room if self._cursor else self._window  # from the start, rows in flight are met again
        found = self._source.read(self._cursor, limit)
        self._exhausted = len(found) < limit
        waiting = [row for row in found if row.seq not in self._in_flight]
        rows = waiting[:room]
        if len(rows) < len(waiting):
            self._exhausted = False
            self._cursor = rows[-1].seq
        elif found:
            self._cursor = found[-1].seq
        if rows:
            self._publisher.send(rows)
            self._in_flight.update((row.seq, row) for row in rows)
            self._instruments.published(row.routing_key for row in rows)
        return len(rows)

    def process_confirms(self, seconds: float) -> int:
        """Deal with what the broker reported, waiting at most `seconds`; how many rows left the outbox."""
        reports = self._publisher.reports(seconds)
        done: list[Outgoing] = []
        refused: list[int] = []
        unroutable: list[int] = []
        for report in reports:
            row = self._in_flight.pop(report.seq, None)
            if row is None:
                continue
            if report.outcome is PublishOutcome.NACKED:
                self._instruments.nacked()
                refused.append(row.seq)
            elif report.outcome is PublishOutcome.RETURNED and self._must_arrive(row):
                unroutable.append(row.seq)
            else:
                done.append(row)
        self._write(done, refused, unroutable)
        return len(done)

    def _must_arrive(self, row: Outgoing) -> bool:
        """An unroutable public event is no error; a private message must reach its service."""
        self._instruments.returned(row.exchange)
        return row.private

    def _write(self, done: Sequence[Outgoing], refused: Sequence[int], unroutable: Sequence[int]) -> None:
        if done:
            self._source.remove([row.seq for row in done])
            self._instruments.confirmed(row.routing_key for row in done)
            self._unroutable.difference_update(row.seq for row in done)
        if refused:
            self._source.postpone(refused, RESEND_AFTER_NACK)
        if unroutable:
            self._source.postpone(unroutable, RETRY_UNROUTABLE)
            self._unroutable.update(unroutable)
        self._instruments.unroutable(len(self._unroutable))
