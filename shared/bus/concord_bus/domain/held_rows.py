"""Rows of the outbox that rest after a refusal, each for its own time. Times are seconds of a monotonic clock."""

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from concord_bus.domain.refusals import Destination, Refusal, destination_of
from concord_bus.domain.stored_messages import Outgoing

ROW_WAITS = (2.0, 60.0, 600.0)
"""Seconds after the first, the second and every later refusal by a queue: three copies in ten minutes."""
RETURN_SECONDS = 5.0
"""Seconds between attempts with a message that no queue takes. It leaves no copy."""
FIRST_ROW_WAIT = 2.0
LONGEST_ROW_WAIT = 600.0
"""The longest wait in seconds of a message that the broker refuses for itself. It leaves no copy."""


class Cause(StrEnum):
    """The reason to hold a message."""

    NACKED = "nacked"  # a queue refused it: it is full, or has no leader
    RETURNED = "returned"  # no queue is bound for it
    REFUSED = "refused"  # the broker closed the channel
    SUSPECTED = "suspected"  # the broker closed the channel because of this message or another


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A row that rests until `due`, after `times` refusals. `size` is its body's length in bytes."""

    destination: Destination
    size: int
    cause: Cause
    due: float
    times: int = 0
    refusal: Refusal | None = None

    @property
    def alone(self) -> bool:
        """True if it must go over a channel of its own: the broker may close that channel."""
        return self.cause in (Cause.REFUSED, Cause.SUSPECTED)


class HeldRows:
    """The resting rows, by their `seq`."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._rows: dict[int, HeldRow] = {}
        self.counts: Counter[Cause] = Counter()

    def __len__(self) -> int:
        return len(self._rows)

    def rests(self, row: Outgoing) -> bool:
        """Return whether the row must not go out together with others now."""
        held = self._rows.get(row.seq)
        return held is not None and (held.alone or held.due > self._clock())

    def alone(self) -> Iterator[tuple[int, HeldRow]]:
        """Yield the rows for a channel of their own that are due, in order of the outbox."""
        now = self._clock()
        yield from sorted((seq, held) for seq, held in self._rows.items() if held.alone and held.due <= now)

    def refused(self) -> Iterator[tuple[int, HeldRow]]:
        """Yield the rows that the broker refuses for themselves."""
        yield from ((seq, held) for seq, held in self._rows.items() if held.cause is Cause.REFUSED)

    def any_in(self, destination: Destination, cause: Cause) -> bool:
        """Return whether a row of the destination rests for this cause."""
        return any(
            held.cause is cause
            and held.destination.exchange == destination.exchange
            and held.destination.prefix.startswith(destination.prefix)
            for held in self._rows.values()
        )

    def rest(self, row: Outgoing, cause: Cause, refusal: Refusal | None = None) -> None:
        """Let the row rest, longer after each refusal. A suspected row is due at once."""
        times = self._rows[row.seq].times if row.seq in self._rows else 0
        due = self._clock() + row_wait(cause, times)
        self.release(row.seq)
        counted = times if cause is Cause.SUSPECTED else times + 1
        self._rows[row.seq] = HeldRow(destination_of(row), len(row.body), cause, due, counted, refusal)
        self.counts[cause] += 1

    def release(self, seq: int) -> None:
        """Forget a row."""
        held = self._rows.pop(seq, None)
        if held is not None:
            self.counts[held.cause] -= 1

    def suspects(self, seq: int) -> bool:
        """Return whether the broker may have refused this row."""
        held = self._rows.get(seq)
        return held is not None and held.cause is Cause.SUSPECTED

    def clear_suspects(self) -> None:
        """Release the suspected rows: another one is the culprit."""
        for seq in [seq for seq, held in self._rows.items() if held.cause is Cause.SUSPECTED]:
            self.release(seq)

    def clear(self) -> None:
        self._rows.clear()
        self.counts.clear()


def row_wait(cause: Cause, times: int) -> float:
    """Return the seconds that a row rests after `times` earlier refusals."""
    if cause is Cause.NACKED:
        return ROW_WAITS[min(times, len(ROW_WAITS) - 1)]
    if cause is Cause.RETURNED:
        return RETURN_SECONDS
    if cause is Cause.REFUSED:
        return min(LONGEST_ROW_WAIT, FIRST_ROW_WAIT * 2.0 ** min(times, 16))
    return 0.0
