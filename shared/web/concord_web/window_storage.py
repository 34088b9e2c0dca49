"""Counters of the limiter in memory: bounded, on a monotonic clock, and without a thread.

The library's own storage in memory uses the wall clock and looks at every key a hundred times a second.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from time import monotonic

from limits.storage import Storage

MAX_KEYS = 100_000
"""Counters at once, about 25 MiB. Beyond it the oldest ones are given up."""


class WindowStorage(Storage):
    """Implements the library's storage for its fixed windows. Times are seconds of `now`, a monotonic clock."""

    STORAGE_SCHEME = ["concord-window"]

    def __init__(self, now: Callable[[], float] = monotonic, max_keys: int = MAX_KEYS) -> None:
        super().__init__()
        self._now = now
        self._max_keys = max_keys
        self._windows: OrderedDict[str, tuple[int, float]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._windows)

    @property
    def base_exceptions(self) -> type[Exception]:
        return ValueError

    def incr(self, key: str, expiry: float, amount: int = 1) -> int:
        count, ends = self._window(key)
        if count == 0:
            self._make_room()
            ends = self._now() + expiry
        self._windows[key] = (count + amount, ends)
        return count + amount

    def get(self, key: str) -> int:
        return self._window(key)[0]

    def get_expiry(self, key: str) -> float:
        return self._window(key)[1]

    def check(self) -> bool:
        return True

    def reset(self) -> int:
        count = len(self._windows)
        self._windows.clear()
        return count

    def clear(self, key: str) -> None:
        self._windows.pop(key, None)

    def _window(self, key: str) -> tuple[int, float]:
        """Return the count and the end of a window; forget one that has ended."""
        now = self._now()
        window = self._windows.get(key)
        if window is not None and window[1] <= now:
            del self._windows[key]
            window = None
        return window or (0, now)

    def _make_room(self) -> None:
        """Forget ended windows from the oldest on, and at the maximum the oldest one, ended or not."""
        now = self._now()
        while self._windows:
            oldest = next(iter(self._windows))
            if self._windows[oldest][1] > now and len(self._windows) < self._max_keys:
                return
            del self._windows[oldest]
