"""The time without a connection, to say how long it lasted when it is over."""

from dataclasses import dataclass


@dataclass(slots=True)
class Outage:
    """An interruption of one connection. Times are seconds of a monotonic clock."""

    began: float | None = None

    def begin(self, now: float) -> None:
        """Note a failure. Further failures belong to the same outage."""
        if self.began is None:
            self.began = now

    def end(self, now: float) -> float | None:
        """Return the length of the outage in seconds, or None if there was none."""
        began, self.began = self.began, None
        return None if began is None else now - began
