"""Keeps the city's figures up to date at a bounded cost."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, tzinfo
from time import monotonic, perf_counter
from typing import Any

from eventlet.semaphore import Semaphore

from concord_bus.domain.errors import ResourceUnavailable
from concord_metrics.domain.case_timeline import Times
from concord_metrics.domain.period import Period
from concord_metrics.ops.city_presenter import city_figures, latest
from concord_metrics.ops.city_query import read_city, times_by_area
from concord_metrics.ops.event_stream import Feed
from concord_metrics.ports import OpsStore

LEAST_REST = 1.0
LONGEST_REST = 30.0
AGAIN_SECONDS = 300.0
"""After this time the figures are read again even if nothing seems to have come in."""
SHARE = 0.005
TIMES_SHARE = 0.003
"""Of one core: how much reading the counts, and working out the times, may take."""


def rest(cost: float, before: float) -> float:
    """Seconds until the figures may be read again, when reading them took `cost` seconds, and `before` the time before.

    The lesser counts: one slow reading, as the first of a process is, says little about the next.
    """
    return min(LONGEST_REST, max(LEAST_REST, min(cost, before) / SHARE))


class KeptTimes:
    """Times of one period, worked out anew after some 300 times as long as that took: they move slowly."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._until = float("-inf")
        self._found: tuple[Period, Times] | None = None

    def __call__(self, store: OpsStore, period: Period, as_of: datetime) -> Times:
        if self._found and self._found[0] == period and self._clock() < self._until:
            return self._found[1]
        begun = perf_counter()
        found = times_by_area(store, period, as_of)
        self._until = self._clock() + (perf_counter() - begun) / TIMES_SHARE
        self._found = period, found
        return found


class CityDesk:
    """Reads the figures when something changed, and puts them into the feed."""

    def __init__(
        self,
        read: Callable[[], AbstractContextManager[OpsStore]],
        feed: Feed,
        zone: tzinfo,
        now: Callable[[], datetime],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._read = read
        self._feed = feed
        self._zone = zone
        self._now = now
        self._clock = clock
        self._turn = Semaphore(1)
        self._times = KeptTimes(clock)
        self._known: tuple[Any, date] | None = None
        self._not_before = self._again_at = float("-inf")
        self._cost = 0.0
        self._figures: dict[str, Any] = {}
        self._away_since: datetime | None = None

    def refresh(self) -> None:
        """Read again if it is time and anything changed. With the database away the last figures stay, and say so."""
        with self._turn:
            if self._clock() < self._not_before:
                return
            try:
                with self._read() as store:
                    self._refresh(store)
            except ResourceUnavailable:
                self._away_since = self._away_since or self._now()
                self._known = None
                self._not_before = self._clock() + LEAST_REST
                self._put()

    def _refresh(self, store: OpsStore) -> None:
        known = store.mark(), self._now().astimezone(self._zone).date()
        if known == self._known and self._clock() < self._again_at:
            return
        begun, now = perf_counter(), self._now()
        found = read_city(store, now, self._zone, self._times)
        self._figures = {"at": now, "time_zone": str(self._zone), **city_figures(found)}
        self._away_since = None
        self._put()
        self._feed.put("latest", latest(found))
        self._known = known
        before, self._cost = self._cost, perf_counter() - begun
        self._not_before = self._clock() + rest(self._cost, before)
        self._again_at = self._clock() + AGAIN_SECONDS

    def _put(self) -> None:
        self._feed.put("city", {**self._figures, "away_since": self._away_since})
