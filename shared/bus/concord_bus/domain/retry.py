"""The delays between attempts, and the number of attempts before a message is parked."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Growing delay with jitter, in seconds.

    The n-th retry waits `first_delay * factor**(n-1)`, at most `max_delay`. A random factor between 1 - `jitter` and 1
    spreads messages that failed together. The pipeline parks a message after `max_attempts` attempts, or when the
    process died `max_crashes` times while handling it.
    """

    first_delay: float = 1.0
    factor: float = 3.0
    max_delay: float = 600.0
    jitter: float = 0.3
    max_attempts: int = 8
    max_crashes: int = 3

    def delay(self, attempt: int, chance: float) -> float:
        """Return the seconds until the next attempt after `attempt` (from 1) failed; `chance` is random in [0, 1)."""
        grown = self.first_delay * self.factor ** min(attempt - 1, 64)  # more would overflow a float
        delay: float = min(self.max_delay, grown)
        return delay * (1 - self.jitter * chance)

    def exhausted(self, attempts: int) -> bool:
        return attempts >= self.max_attempts

    def is_deadly(self, crashes: int) -> bool:
        return crashes >= self.max_crashes
