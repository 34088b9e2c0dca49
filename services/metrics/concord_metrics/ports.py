"""Ports: the database functions that metrics needs."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime, tzinfo
from typing import Any, Protocol

from concord_contracts import Event
from concord_metrics.domain.aggregates import Aggregate, AggregateKey
from concord_metrics.domain.case_timeline import CaseTimeline
from concord_metrics.domain.concern_facts import Fact
from concord_metrics.domain.period import Period
from concord_metrics.domain.recent_events import RecentEvent
from concord_metrics.domain.summary import Group
from concord_metrics.domain.trends import DayCounts


class GenerationMissing(Exception):
    """No rebuild is under way, or the service never ran. Remedy: start a rebuild, or the service."""


class Store(Protocol):
    """Facts and their aggregates, in one open transaction."""

    def generations(self) -> Sequence["Store"]:
        """This store and, during a rebuild, the new one too: the service adds each event to both."""

    def facts(self, concern_ids: Sequence[str]) -> dict[str, Fact]:
        """The fact of each concern, blank for an unknown one. Locks them until the transaction ends."""

    def save(self, facts: Sequence[Fact]) -> None:
        """Write facts that `facts` has read in this transaction."""

    def add(self, changes: Mapping[AggregateKey, Aggregate]) -> None:
        """Add to the aggregates, in the order of the mapping."""

    def overall(self) -> dict[Group, Aggregate]:
        """The aggregates over all days, the oldest group first."""

    def daily(self, first: date | None, last: date | None) -> dict[Group, Aggregate]:
        """The aggregates over local days, both inclusive; None is open."""

    def received_in(self, start: datetime, end: datetime) -> Iterable[Fact]:
        """Facts of the concerns received from `start` (inclusive) to `end` (exclusive)."""

    def timelines(self, period: Period, area: str | None = None, category: str | None = None) -> list[CaseTimeline]:
        """The timelines of the concerns received in a period."""

    def at_risk(self, limit: int) -> list[Fact]:
        """Facts with promises at risk, by due time."""

    def save_recent(self, events: Sequence[Event[Any]]) -> None:
        """Add these to the recent public events."""

    def recent_events(self, limit: int) -> list[RecentEvent]:
        """The recent public events, the last one first."""

    def concern_count(self) -> int:
        """The number of concerns with at least one event."""

    def set_time_zone(self, zone: tzinfo) -> bool:
        """Count the daily aggregates by days of this zone. Returns True after a recount for another zone."""


class OpsStore(Store, Protocol):
    """Further queries, of the ops page."""

    def last_change(self) -> Any:
        """A value that differs after new events; cheap to read."""

    def last_day(self, until: date) -> date | None:
        """The last local day with a received concern, no later than `until`."""

    def counts_by_day(self, first: date, last: date) -> dict[date, DayCounts]:
        """Counts by local day of receipt, both ends inclusive; days without any may be missing."""

    def counts_by_area(self, first: date | None, last: date | None) -> dict[str, Aggregate]:
        """The sums of COUNTS by area over these days, or over all days without `first`. Cheaper than `daily`."""


class RebuildStore(Store, Protocol):
    """The live generation and, during a rebuild, the new one."""

    audit: Any

    def time_zone(self) -> tzinfo:
        """The zone of the daily aggregates. Raises GenerationMissing before the service's first start."""

    def begin_rebuild(self) -> bool:
        """Empty the new generation and add every later event to it; False if a rebuild is under way."""

    def end_rebuild(self) -> None:
        """Stop adding events to the new generation."""

    def new_generation(self) -> Store:
        """The store under rebuild. Raises GenerationMissing."""

    def handled_events(self) -> dict[str, float]:
        """Ids of the events in the inbox, with the Unix times (seconds) of their handling."""

    def switch(self) -> None:
        """Make the new generation live. Raises GenerationMissing."""


Transaction = Callable[[], AbstractContextManager[RebuildStore]]
"""Opens one transaction. Raises DatabaseUnavailable."""
