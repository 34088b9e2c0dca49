"""A circuit breaker for the mail server: it stops sending while the server is away, then tries one mail."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from concord_bus.domain.retry import RetryPolicy

BACKOFF = RetryPolicy(first_delay=1.0, factor=2.0, max_delay=30.0)


@dataclass(frozen=True, slots=True)
class CircuitBreaker:
    """Closed without failures. After a failure it is open until `open_until`, then lets one mail through."""

    failures: int = 0
    open_until: datetime | None = None
    cause: str = ""

    def allowance(self, now: datetime, limit: int) -> int:
        """Return the number of mails to send now: `limit`, one to test the server, or 0."""
        if self.open_until is None:
            return limit
        return 1 if now >= self.open_until else 0

    def trip(self, now: datetime, cause: str, chance: float) -> "CircuitBreaker":
        """Open after a failure of the server. `chance` is random in [0, 1)."""
        failures = self.failures + 1
        return CircuitBreaker(failures, now + timedelta(seconds=BACKOFF.delay(failures, chance)), cause)

    @property
    def is_open(self) -> bool:
        return self.open_until is not None


CLOSED = CircuitBreaker()
