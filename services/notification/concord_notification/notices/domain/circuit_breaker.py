"""Leaves a mail server in peace that is away, and finds out gently when it is back."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from concord_bus.domain.retry import RetryPolicy

RESTS = RetryPolicy(first_delay=1.0, factor=2.0, max_delay=30.0)


@dataclass(frozen=True, slots=True)
class Breaker:
    """Closed without failures. After one it rests until `rest_until`, then lets a single mail through."""

    failures: int = 0
    rest_until: datetime | None = None
    cause: str = ""

    def allowance(self, now: datetime, most: int) -> int:
        """How many mails may be sent now: `most`, one to find out, or none."""
        if self.rest_until is None:
            return most
        return 1 if now >= self.rest_until else 0

    def trip(self, now: datetime, cause: str, chance: float) -> "Breaker":
        """The server did not take the mail for a reason of its own."""
        failures = self.failures + 1
        return Breaker(failures, now + timedelta(seconds=RESTS.delay(failures, chance)), cause)

    @property
    def open(self) -> bool:
        return self.rest_until is not None


CLOSED = Breaker()
