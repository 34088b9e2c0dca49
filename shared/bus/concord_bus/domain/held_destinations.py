"""Destinations that the broker refuses: their rows wait together, and the relay tries a few at a time.

Times are seconds of a monotonic clock.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from concord_bus.domain.held_rows import RETURN_SECONDS, Cause
from concord_bus.domain.refusals import Destination, Refusal, destination_of
from concord_bus.domain.stored_messages import Outgoing

FIRST_PAUSE = 2.0
LONGEST_PAUSE = 30.0
"""The longest pause in seconds between two attempts at a destination."""
GROWTH = 4
"""The factor by which the number of rows grows after each attempt that passed."""
OPEN_AT = 1000
"""A destination that took this many messages, in growing numbers, is open again."""


@dataclass(slots=True)
class HeldDestination:
    """A destination that gets `allowance` rows from `due` on. `trial` holds the rows that are on their way."""

    cause: Cause
    refusal: Refusal | None
    pause: float
    due: float
    allowance: int = 1
    trial: set[int] = field(default_factory=set)
    progressed: bool = False

    @property
    def alone(self) -> bool:
        """True if its rows must go over a channel of their own: the broker may close that channel."""
        return self.cause is Cause.REFUSED


class HeldDestinations:
    """The held destinations of one service."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._held: dict[Destination, HeldDestination] = {}

    def __len__(self) -> int:
        return len(self._held)

    def __getitem__(self, which: Destination) -> HeldDestination:
        return self._held[which]

    @property
    def names(self) -> tuple[Destination, ...]:
        return tuple(self._held)

    def items(self) -> Iterable[tuple[Destination, HeldDestination]]:
        return self._held.items()

    def count(self, cause: Cause) -> int:
        return sum(held.cause is cause for held in self._held.values())

    def covers(self, row_destination: Destination) -> bool:
        """Return whether the rows of this destination must wait."""
        return row_destination in self._held or Destination(row_destination.exchange) in self._held

    def due(self) -> list[Destination]:
        """Return the destinations whose turn it is."""
        now = self._clock()
        return [which for which, held in self._held.items() if not held.trial and held.due <= now]

    def hold(self, which: Destination, row: Outgoing, cause: Cause, refusal: Refusal | None = None) -> None:
        """Hold a destination because of the refused `row`. The pause grows if the row was an attempt.

        A row that left before the hold began does not count again.
        """
        held = self._held.get(which)
        if held is None:
            self._forget_parts_of(which)
            pause = RETURN_SECONDS if cause is Cause.RETURNED else FIRST_PAUSE
            self._held[which] = HeldDestination(cause, refusal, pause, self._clock() + pause)
        elif row.seq in held.trial:
            grown = held.pause if held.progressed else held.pause * 2
            pause = RETURN_SECONDS if cause is Cause.RETURNED else min(LONGEST_PAUSE, grown)
            self._held[which] = HeldDestination(cause, refusal, pause, self._clock() + pause)

    def end_trial(self, row: Outgoing, *, passed: bool) -> None:
        """Take a row off the trial of its destination. When all of it passed, more rows follow or it is open."""
        for which in (destination_of(row), Destination(row.exchange)):
            held = self._held.get(which)
            if held is None or row.seq not in held.trial:
                continue
            held.trial.discard(row.seq)
            held.progressed = held.progressed or passed
            if held.trial:
                continue
            held.due = self._clock()
            held.allowance *= GROWTH if passed else 1
            if passed and (held.alone or held.allowance > OPEN_AT):
                del self._held[which]

    def open(self, which: Destination) -> None:
        del self._held[which]

    def postpone(self, which: Destination) -> None:
        """Wait once more for as long as before."""
        held = self._held[which]
        held.due = self._clock() + held.pause

    def disconnected(self) -> None:
        """Forget what was on its way on a connection that is gone."""
        for held in self._held.values():
            held.trial.clear()
            held.allowance = 1

    def clear(self) -> None:
        self._held.clear()

    def _forget_parts_of(self, which: Destination) -> None:
        if not which.prefix:
            self._held = {other: held for other, held in self._held.items() if other.exchange != which.exchange}
