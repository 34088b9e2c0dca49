"""A clock for waits."""

from collections.abc import Callable
from datetime import datetime, timedelta
from time import monotonic


class SteadyClock:
    """Follows `clock` forward, and runs on when that is set back: a wait in one process is never longer than it was
    made."""

    def __init__(self, clock: Callable[[], datetime], seconds: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._seconds = seconds
        self._read_at = seconds()
        self._latest = clock()

    def __call__(self) -> datetime:
        """Return the time, aware, in UTC."""
        seconds = self._seconds()
        self._latest = max(self._clock(), self._latest + timedelta(seconds=seconds - self._read_at))
        self._read_at = seconds
        return self._latest
