"""Growing waits between attempts to reach a resource that does not respond."""

import random
from collections.abc import Callable


class Backoff:
    """Growing waits with jitter: `first` seconds, then twice as long each time, at most `longest`."""

    def __init__(self, first: float = 0.2, longest: float = 5.0, chance: Callable[[], float] = random.random) -> None:
        self._first = first
        self._longest = longest
        self._chance = chance
        self._next = first

    def seconds(self) -> float:
        """Return the next wait in seconds."""
        wait = self._next * (0.7 + 0.3 * self._chance())
        self._next = min(self._longest, self._next * 2)
        return wait

    def reset(self) -> None:
        """Start again with `first`: the resource responded."""
        self._next = self._first
