"""In-memory store, for tests and demonstrations."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from typing import Any

from concord_contracts import Event
from concord_metrics.domain.aggregate_columns import COLUMN_INDEX, COUNTS
from concord_metrics.domain.aggregates import (
    ZERO,
    Aggregate,
    AggregateKey,
    add_to,
    aggregate_facts,
    count_of,
)
from concord_metrics.domain.case_timeline import CaseTimeline, timeline_of
from concord_metrics.domain.concern_facts import Fact
from concord_metrics.domain.period import Period
from concord_metrics.domain.recent_events import MAX_PER_BATCH, MAX_RECENT, RecentEvent, recent_event
from concord_metrics.domain.summary import DIMENSIONS, Group, by_value
from concord_metrics.domain.trends import DayCounts


class MemoryStore:
    """Keeps facts and aggregates in dictionaries."""

    def __init__(self) -> None:
        self._facts: dict[str, Fact] = {}
        self._aggregates: dict[AggregateKey, Aggregate] = {}
        self._zone: tzinfo | None = None
        self._recent: list[RecentEvent] = []
        self._changes = 0

    def generations(self) -> Sequence["MemoryStore"]:
        return (self,)

    def facts(self, concern_ids: Sequence[str]) -> dict[str, Fact]:
        return {concern_id: self._facts.get(concern_id) or Fact(concern_id) for concern_id in concern_ids}

    def save(self, facts: Sequence[Fact]) -> None:
        self._facts.update({fact.concern_id: fact for fact in facts})

    def add(self, changes: Mapping[AggregateKey, Aggregate]) -> None:
        for key, aggregate in changes.items():
            add_to(self._aggregates, key, aggregate)

    def overall(self) -> dict[Group, Aggregate]:
        return self.daily(None, None)

    def daily(self, first: date | None, last: date | None) -> dict[Group, Aggregate]:
        sums: dict[Group, Aggregate] = {}
        for key, aggregate in self._aggregates.items():
            after = first is None or key.day >= first
            before = last is None or key.day <= last
            if after and before:
                add_to(sums, key[1:], aggregate)
        return sums

    def received_in(self, start: datetime, end: datetime) -> Iterable[Fact]:
        return (fact for fact in self._facts.values() if fact.origin and start <= fact.origin.received_at < end)

    def timelines(self, period: Period, area: str | None = None, category: str | None = None) -> list[CaseTimeline]:
        return [
            timeline
            for timeline in map(timeline_of, self._facts.values())
            if timeline
            and timeline.received_at in period
            and area in (None, timeline.area)
            and category in (None, timeline.category)
        ]

    def at_risk(self, limit: int) -> list[Fact]:
        due = [(fact.at_risk_due, fact.concern_id, fact) for fact in self._facts.values() if fact.at_risk_due]
        return [fact for _, _, fact in sorted(due, key=lambda entry: entry[:2])[:limit]]

    def save_recent(self, events: Sequence[Event[Any]]) -> None:
        self._changes += len(events)
        self._recent = [*self._recent, *map(recent_event, events[-MAX_PER_BATCH:])][-MAX_RECENT:]

    def recent_events(self, limit: int) -> list[RecentEvent]:
        return self._recent[::-1][:limit]

    def concern_count(self) -> int:
        return len(self._facts)

    def set_time_zone(self, zone: tzinfo) -> bool:
        known, self._zone = self._zone, zone
        if known is None or str(known) == str(zone):
            return False
        self._aggregates = aggregate_facts(self._facts.values(), zone)
        return True

    def last_change(self) -> Any:
        return self._changes

    def last_day(self, until: date) -> date | None:
        days = (key.day for key, aggregate in self._aggregates.items() if count_of(aggregate, "received"))
        return max((day for day in days if day <= until), default=None)

    def counts_by_day(self, first: date, last: date) -> dict[date, DayCounts]:
        days: dict[date, DayCounts] = {}
        for key, aggregate in self._aggregates.items():
            if first <= key.day <= last:
                counts = DayCounts(*(count_of(aggregate, name) for name in ("received", "acknowledged", "resolved")))
                days[key.day] = days.get(key.day, DayCounts()) + counts
        return days

    def counts_by_area(self, first: date | None, last: date | None) -> dict[str, Aggregate]:
        areas = by_value(self.daily(first, last), DIMENSIONS.index("area"))
        counts = {COLUMN_INDEX[name] for name in COUNTS}
        return {
            area: [value if index in counts else ZERO[index] for index, value in enumerate(aggregate)]
            for area, aggregate in areas.items()
        }
