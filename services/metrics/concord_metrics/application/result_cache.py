"""Keeps what is slow to work out for twenty times as long as it took: so it costs at most a twentieth of a core."""

from collections.abc import Callable, Hashable
from time import perf_counter
from typing import Any, TypeVar

T = TypeVar("T")

TIMES_AS_LONG = 20
MOST = 64


class Kept:
    """Answers by question. Small answers are made anew nearly every time, those over a half year every few seconds."""

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        self._clock = clock
        self._found: dict[Hashable, tuple[float, Any]] = {}

    def get(self, question: Hashable, make: Callable[[], T]) -> T:
        """The answer, made by `make` when none is kept or it is too old."""
        began = self._clock()
        until, answer = self._found.get(question, (began, None))
        if began < until:
            return answer  # type: ignore[no-any-return]
        answer = make()
        now = self._clock()
        while len(self._found) >= MOST:
            self._found.pop(next(iter(self._found)))
        self._found[question] = (now + TIMES_AS_LONG * (now - began), answer)
        return answer

    def forget(self) -> None:
        """The next answers are made anew."""
        self._found.clear()
