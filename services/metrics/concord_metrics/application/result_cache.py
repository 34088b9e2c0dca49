"""Cache of slow query results. A result lives many times as long as its query took; twenty times: 5 % of a core."""

from collections.abc import Callable, Hashable
from time import perf_counter
from typing import Any, TypeVar

T = TypeVar("T")

TTL_FACTOR = 20
MAX_ENTRIES = 64


class ResultCache:
    """Results by key. A fast query runs nearly every time; one over half a year runs every few seconds."""

    def __init__(
        self, clock: Callable[[], float] = perf_counter, ttl_factor: float = TTL_FACTOR, max_entries: int = MAX_ENTRIES
    ) -> None:
        self._clock = clock
        self._ttl_factor = ttl_factor
        self._max_entries = max_entries
        self._entries: dict[Hashable, tuple[float, Any]] = {}

    def get(self, key: Hashable, query: Callable[[], T]) -> T:
        """The cached result, or that of `query` if there is none or it has expired."""
        start = self._clock()
        expires, result = self._entries.get(key, (start, None))
        if start < expires:
            return result  # type: ignore[no-any-return]
        result = query()
        now = self._clock()
        while len(self._entries) >= self._max_entries:
            self._entries.pop(next(iter(self._entries)))
        self._entries[key] = (now + self._ttl_factor * (now - start), result)
        return result
