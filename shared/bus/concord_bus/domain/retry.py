"""The delays between attempts, and the number of attempts before a message is parked."""

from dataclasses import dataclass

CLOCK_TOLERANCE = 5.0
"""Seconds by which the clocks of two hosts may differ."""


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Growing delay with jitter, in seconds.

    The n-th retry waits `first_delay * factor**(n-1)`, at most `max_delay`. A random factor between 1 - `jitter` and 1
    spreads messages that failed together. The pipeline parks a message after `max_attempts` attempts, or when the
    process died `max_crashes` times while handling it. An attempt that a resource prevented does not count; the next
    one follows after at most `max_away_delay`.
    """

    first_delay: float = 1.0
    factor: float = 3.0
    max_delay: float = 600.0
    jitter: float = 0.3
    max_attempts: int = 8
    max_crashes: int = 3
    max_away_delay: float = 5.0

    def delay(self, attempt: int, chance: float) -> float:
        """Return the seconds until the next attempt after `attempt` (from 1) failed; `chance` is random in [0, 1)."""
        grown = self.first_delay * self.factor ** min(attempt - 1, 64)  # more would overflow a float
        delay: float = min(self.max_delay, grown)
        return delay * (1 - self.jitter * chance)

    def away_delay(self, times: int, chance: float) -> float:
        """Return the seconds until the next attempt after a resource was away `times` times (from 1) in succession."""
        return min(self.max_away_delay, self.delay(times, chance))

    @property
    def longest_waits(self) -> list[float]:
        """The longest wait in seconds after 0, 1, 2 and more attempts. The last entry holds for every later one."""
        return [max(self.max_away_delay, self.delay(max(1, number), 0)) for number in range(self.max_attempts + 1)]

    def exhausted(self, attempts: int) -> bool:
        return attempts >= self.max_attempts

    def is_deadly(self, crashes: int) -> bool:
        return crashes >= self.max_crashes
