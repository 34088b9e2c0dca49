"""Refreshes the city's figures at a bounded cost."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from time import monotonic, perf_counter
from typing import Any

from eventlet.semaphore import Semaphore

from concord_bus.domain.errors import ResourceUnavailable
from concord_bus.ports import Clock, Read
from concord_metrics.application.result_cache import ResultCache
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


@dataclass
class CityRefresher:
    """Reads the figures after a change and puts them into the event stream."""

    read: Read[OpsStore]
    stream: EventStream
    zone: tzinfo
    now: Clock
    clock: Callable[[], float] = monotonic

    def __post_init__(self) -> None:
        self._lock = Semaphore(1)
        self._cache = ResultCache(ttl_factor=1 / DURATIONS_SHARE, max_entries=1)
        self._state: tuple[Any, date] | None = None
        self._not_before = self._expires = float("-inf")
        self._cost = 0.0
        self._figures: dict[str, Any] = {}
        self._away_since: datetime | None = None

    def refresh(self) -> None:
        """Read the figures if they are due and have changed. Without the database, mark the last figures as old."""
        with self._lock:
            if self.clock() < self._not_before:
                return
            try:
                with self.read() as store:
                    self._refresh(store)
            except ResourceUnavailable:
                self._away_since = self._away_since or self.now()
                self._state = None
                self._not_before = self.clock() + MIN_DELAY
                self._put()

    def _refresh(self, store: OpsStore) -> None:
        state = store.last_change(), self.now().astimezone(self.zone).date()
        if state == self._state and self.clock() < self._expires:
            return
        start, now = perf_counter(), self.now()
        city = read_city(store, now, self.zone, self._durations)
        self._figures = {"at": now, "time_zone": str(self.zone), **city_json(city)}
        self._away_since = None
        self._put()
        self.stream.put("latest", latest_json(city))
        self._state = state
        before, self._cost = self._cost, perf_counter() - start
        self._not_before = self.clock() + next_refresh_delay(self._cost, before)
        self._expires = self.clock() + MAX_AGE

    def _durations(self, store: OpsStore, period: Period, as_of: datetime) -> DurationsByGroup:
        """The durations of a period, which change slowly. They live some 300 times as long as their query took."""
        return self._cache.get(period, lambda: durations_by_area(store, period, as_of))

    def _put(self) -> None:
        self.stream.put("city", {**self._figures, "away_since": self._away_since})
