"""Delays between the attempts to handle an event, and between the attempts to connect."""

import random
from collections.abc import Callable
from dataclasses import dataclass

MAX_TOTAL_SECONDS = 20 * 60
"""Limit on the sum of all delays: RabbitMQ closes the channel after 30 minutes without acknowledgement."""


@dataclass(frozen=True, slots=True)
class Retry:
    """Limits the attempts to `attempts` in all. The first delay is `first` seconds.

    Each further delay is `factor` times as long, but at most `longest` seconds. Raises ValueError when the sum of the
    delays exceeds the broker's limit for an acknowledgement.
    """

    attempts: int = 5
    first: float = 1.0
    factor: float = 3.0
    longest: float = 120.0

    def __post_init__(self) -> None:
        if self.attempts < 1 or self.first < 0 or self.factor < 1:
            raise ValueError("Retry: attempts must be 1 or more, first 0 or more, factor 1 or more")
        if sum(map(self.delay, range(1, self.attempts))) > MAX_TOTAL_SECONDS:
            raise ValueError(f"Retry: the delays together must not exceed {MAX_TOTAL_SECONDS} seconds")

    def delay(self, attempt: int) -> float:
        """Return the delay in seconds after failed attempt number `attempt`, which counts from 1."""
        return min(self.longest, self.first * self.factor ** min(attempt - 1, 50))

    def exhausted(self, attempt: int) -> bool:
        return attempt >= self.attempts


class Backoff:
    """Exponential backoff with jitter: `first` seconds, then twice as long each time, at most `longest`."""

    def __init__(self, first: float = 0.2, longest: float = 10.0, chance: Callable[[], float] = random.random) -> None:
        self._first = first
        self._longest = longest
        self._chance = chance
        self._next = first

    def seconds(self) -> float:
        """Return the next delay."""
        wait = self._next * (0.5 + 0.5 * self._chance())
        self._next = min(self._longest, self._next * 2)
        return wait

    def reset(self) -> None:
        self._next = self._first
