"""Refreshes the city's figures at a bounded cost."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, tzinfo
from time import monotonic, perf_counter
from typing import Any

from eventlet.semaphore import Semaphore

from concord_bus.domain.errors import ResourceUnavailable
from concord_metrics.domain.case_timeline import DurationsByGroup
from concord_metrics.domain.period import Period
from concord_metrics.ops.city_presenter import city_json, latest_json
from concord_metrics.ops.city_query import durations_by_area, read_city
from concord_metrics.ops.event_stream import EventStream
from concord_metrics.ports import OpsStore

MIN_DELAY = 1.0
MAX_DELAY = 30.0
MAX_AGE = 300.0
"""After this time a refresh reads the figures even without a change."""
SHARE = 0.005
DURATIONS_SHARE = 0.003
"""Largest share of one core for the durations; SHARE is that for the counts."""


def next_refresh_delay(cost: float, before: float) -> float:
    """Seconds until the next refresh, after two refreshes of `cost` and `before` seconds.

    The smaller cost counts: one slow refresh, such as the first of a process, does not predict the next.
    """
    return min(MAX_DELAY, max(MIN_DELAY, min(cost, before) / SHARE))


class CachedDurations:
    """Durations of one period, which change slowly. They live some 300 times as long as their query took."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self._clock = clock
        self._expires = float("-inf")
        self._entry: tuple[Period, DurationsByGroup] | None = None

    def __call__(self, store: OpsStore, period: Period, as_of: datetime) -> DurationsByGroup:
        if self._entry and self._entry[0] == period and self._clock() < self._expires:
            return self._entry[1]
        start = perf_counter()
        durations = durations_by_area(store, period, as_of)
        self._expires = self._clock() + (perf_counter() - start) / DURATIONS_SHARE
        self._entry = period, durations
        return durations


class CityRefresher:
    """Reads the figures after a change and puts them into the event stream."""

    def __init__(
        self,
        read: Callable[[], AbstractContextManager[OpsStore]],
        stream: EventStream,
        zone: tzinfo,
        now: Callable[[], datetime],
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._read = read
        self._stream = stream
        self._zone = zone
        self._now = now
        self._clock = clock
        self._lock = Semaphore(1)
        self._durations = CachedDurations(clock)
        self._state: tuple[Any, date] | None = None
        self._not_before = self._expires = float("-inf")
        self._cost = 0.0
        self._figures: dict[str, Any] = {}
        self._away_since: datetime | None = None

    def refresh(self) -> None:
        """Read the figures if they are due and have changed. Without the database, mark the last figures as old."""
        with self._lock:
            if self._clock() < self._not_before:
                return
            try:
                with self._read() as store:
                    self._refresh(store)
            except ResourceUnavailable:
                self._away_since = self._away_since or self._now()
                self._state = None
                self._not_before = self._clock() + MIN_DELAY
                self._put()

    def _refresh(self, store: OpsStore) -> None:
        state = store.last_change(), self._now().astimezone(self._zone).date()
        if state == self._state and self._clock() < self._expires:
            return
        start, now = perf_counter(), self._now()
        city = read_city(store, now, self._zone, self._durations)
        self._figures = {"at": now, "time_zone": str(self._zone), **city_json(city)}
        self._away_since = None
        self._put()
        self._stream.put("latest", latest_json(city))
        self._state = state
        before, self._cost = self._cost, perf_counter() - start
        self._not_before = self._clock() + next_refresh_delay(self._cost, before)
        self._expires = self._clock() + MAX_AGE

    def _put(self) -> None:
        self._stream.put("city", {**self._figures, "away_since": self._away_since})
