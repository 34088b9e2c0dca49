"""Waiting between attempts to reach something that is away."""

import random
from collections.abc import Callable


class Backoff:
    """Growing waits with jitter: `first` seconds, twice as long each time, `longest` at the most."""

    def __init__(self, first: float = 0.2, longest: float = 5.0, chance: Callable[[], float] = random.random) -> None:
        self._first = first
        self._longest = longest
        self._chance = chance
        self._next = first

    def seconds(self) -> float:
        """How long to wait now."""
        wait = self._next * (0.7 + 0.3 * self._chance())
        self._next = min(self._longest, self._next * 2)
        return wait

    def reset(self) -> None:
        """It was reached."""
        self._next = self._first
