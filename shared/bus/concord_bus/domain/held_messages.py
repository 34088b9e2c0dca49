"""Messages of the outbox that the relay holds back because the broker refuses them, and the times of its attempts.

A message that one full queue refuses still reaches every other queue, so each attempt leaves a copy there. Therefore a
row rests longer after each refusal, and all rows of its destination wait together while one at a time is tried.
"""

from collections.abc import Callable, Iterator, Sequence
from time import monotonic

from concord_bus.domain.held_destinations import HeldDestination, HeldDestinations
from concord_bus.domain.held_rows import Cause, HeldRow, HeldRows
from concord_bus.domain.refusals import Destination, Refusal, destination_of
from concord_bus.domain.stored_messages import Outgoing

MORE_ROWS = "more rows of the outbox"
NAMED_ROWS = 5
"""The number of refused rows that the readiness and the log name."""


class HeldMessages:
    """The refusals of one service's messages. They outlive a connection, and end with the process or its lease."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.rows = HeldRows(clock)
        self.destinations = HeldDestinations(clock)

    def __bool__(self) -> bool:
        """Return whether it holds anything."""
        return bool(self.rows) or bool(self.destinations)

    def nacked(self, row: Outgoing) -> None:
        """Hold a row that a queue refused; other queues may have a copy of it."""
        self.rows.rest(row, Cause.NACKED)
        self.destinations.hold(destination_of(row), row, Cause.NACKED)
        self.destinations.end_trial(row, passed=True)  # of the exchange: the broker did not refuse it

    def returned(self, row: Outgoing) -> None:
        """Hold a row that no queue took."""
        self.rows.rest(row, Cause.RETURNED)
        self.destinations.hold(destination_of(row), row, Cause.RETURNED)
        self.destinations.end_trial(row, passed=True)

    def suspected(self, row: Outgoing) -> None:
        """Hold a row that the broker may have refused, until it was tried alone."""
        if not self.rows.rests(row):
            self.rows.rest(row, Cause.SUSPECTED)
        self.destinations.end_trial(row, passed=False)

    def refused(self, row: Outgoing, refusal: Refusal) -> None:
        """Hold a row because of which the broker closed the channel, or its whole destination."""
        if self.rows.suspects(row.seq):
            self.rows.clear_suspects()
        scope = refusal.scope(row)
        if scope is None:
            self.rows.rest(row, Cause.REFUSED, refusal)
            self.destinations.end_trial(row, passed=False)
        else:
            self.rows.release(row.seq)
            self.destinations.hold(scope, row, Cause.REFUSED, refusal)
            self.destinations.end_trial(row, passed=True)  # of the exchange, if the broker refused the type only

    def unsent(self, row: Outgoing) -> None:
        """Note that the broker did not answer for the row: its channel is closed, and it goes out again."""
        self.destinations.end_trial(row, passed=False)

    def confirmed(self, row: Outgoing) -> None:
        """Forget a row that has left. After an attempt more rows of its destination may follow."""
        self.rows.release(row.seq)
        self.destinations.end_trial(row, passed=True)

    def due_alone(self) -> Iterator[int]:
        """Yield the rows to try over a channel of their own, without those that wait with their destination."""
        return (seq for seq, held in self.rows.alone() if not self.destinations.covers(held.destination))

    def tried(self, which: Destination, seqs: list[int]) -> None:
        """Note the rows on their way to a held destination. Without any it is open, unless some of them rest."""
        held = self.destinations[which]
        if seqs:
            held.trial.update(seqs)
        elif not held.alone and self.rows.any_in(which, held.cause):
            self.destinations.postpone(which)
        else:
            self.destinations.open(which)

    def disconnected(self) -> None:
        """Forget what was on its way on a connection that is gone."""
        self.destinations.disconnected()

    def clear(self) -> None:
        """Forget everything: another process relays."""
        self.rows.clear()
        self.destinations.clear()

    def notices(self) -> list[str]:
        """Return a sentence for each refusal, with the broker's words and what to do, to complete "the broker ..."."""
        refused = list(self.rows.refused())
        said = [row_notice(seq, held) for seq, held in refused[:NAMED_ROWS]]
        if len(refused) > NAMED_ROWS:
            said.append(f"refuses {len(refused) - NAMED_ROWS} {MORE_ROWS}")
        return said + [text for which, held in self.destinations.items() if (text := destination_notice(which, held))]


def notice_changes(before: Sequence[str], now: Sequence[str]) -> tuple[list[str], list[str]]:
    """Return the notices that have begun, and those that are over. The number of unnamed rows is never over."""
    begun = [notice for notice in now if notice not in before]
    over = [notice for notice in before if notice not in now and not notice.endswith(MORE_ROWS)]
    return begun, over


def row_notice(seq: int, held: HeldRow) -> str:
    """Name a row that the broker refuses for itself."""
    about = f"{held.destination.prefix.rstrip('.')}, {held.size:,} bytes"
    return f"refuses row {seq} of the outbox ({about}): {_words(held.refusal)}"


def destination_notice(which: Destination, held: HeldDestination) -> str | None:
    """Name a destination that the broker refuses; None for one without a queue, which has a metric of its own."""
    if held.cause is Cause.REFUSED:
        return f"refuses {which}: {_words(held.refusal)}"
    if held.cause is Cause.NACKED:
        return f"refuses {which}: a queue bound for it is full or has no leader: `concord doctor` names the queue"
    return None


def _words(refusal: Refusal | None) -> str:
    return f"{refusal.words}: {refusal.remedy}" if refusal else "no reason given"
