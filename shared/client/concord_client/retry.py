"""How often and when a failed event is tried again, and how long to wait for a broker that is away."""

import random
from collections.abc import Callable
from dataclasses import dataclass

ACKNOWLEDGE_WITHIN = 20 * 60
"""Seconds that retries may take together: RabbitMQ closes the channel after 30 minutes without acknowledgement."""


@dataclass(frozen=True, slots=True)
class Retry:
    """`attempts` in all; before the second `first` seconds pass, then `factor` times as long, `longest` at the most.

    Raises ValueError when the delays together exceed what the broker waits for an acknowledgement.
    """

    attempts: int = 5
    first: float = 1.0
    factor: float = 3.0
    longest: float = 120.0

    def __post_init__(self) -> None:
        if self.attempts < 1 or self.first < 0 or self.factor < 1:
            raise ValueError("Retry: attempts from 1, first from 0, factor from 1")
        if sum(self.delay(each) for each in range(1, self.attempts)) > ACKNOWLEDGE_WITHIN:
            raise ValueError(f"Retry: the delays together must not exceed {ACKNOWLEDGE_WITHIN} seconds")

    def delay(self, attempt: int) -> float:
        """Seconds to wait after failed attempt number `attempt`, which counts from 1."""
        return min(self.longest, self.first * self.factor ** min(attempt - 1, 50))

    def exhausted(self, attempt: int) -> bool:
        return attempt >= self.attempts


class Backoff:
    """Growing waits with jitter: `first` seconds, twice as long each time, `longest` at the most."""

    def __init__(self, first: float = 0.2, longest: float = 10.0, chance: Callable[[], float] = random.random) -> None:
        self._first = first
        self._longest = longest
        self._chance = chance
        self._next = first

    def seconds(self) -> float:
        """How long to wait now."""
        wait = self._next * (0.5 + 0.5 * self._chance())
        self._next = min(self._longest, self._next * 2)
        return wait

    def reset(self) -> None:
        self._next = self._first
