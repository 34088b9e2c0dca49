"""A store in memory, for tests and demonstrations."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from concord_contracts import Event
from concord_metrics.domain.aggregate_columns import AT, COUNTS
from concord_metrics.domain.aggregates import ZERO, Cell, Tally, cell, count_of, plus, total
from concord_metrics.domain.case_timeline import Course, course
from concord_metrics.domain.concern_facts import Fact
from concord_metrics.domain.period import Period
from concord_metrics.domain.recent_events import KEPT, OF_A_BATCH, Latest, latest_of
from concord_metrics.domain.summary import DIMENSIONS, Group, marginal
from concord_metrics.domain.trends import DayCounts


class MemoryStore:
    """Keeps facts and sums in dictionaries."""

    def __init__(self) -> None:
        self._facts: dict[str, Fact] = {}
        self._cells: dict[Cell, Tally] = {}
        self._zone: tzinfo | None = None
        self._latest: list[Latest] = []
        self._noted = 0

    def every(self) -> Sequence["MemoryStore"]:
        return (self,)

    def facts(self, concern_ids: Sequence[str]) -> dict[str, Fact]:
        return {each: self._facts.get(each) or Fact(each) for each in concern_ids}

    def keep(self, facts: Sequence[Fact]) -> None:
        self._facts.update({each.concern_id: each for each in facts})

    def add(self, changes: Mapping[Cell, Tally]) -> None:
        for where, tally in changes.items():
            self._cells[where] = plus(self._cells.get(where, ZERO), tally)

    def overall(self, area: str | None = None) -> dict[Group, Tally]:
        return self.daily(None, None, area)

    def daily(self, first: date | None, last: date | None, area: str | None = None) -> dict[Group, Tally]:
        found: dict[Group, Tally] = {}
        for where, tally in self._cells.items():
            after = first is None or where.day >= first
            before = last is None or where.day <= last
            if after and before and area in (None, where.area):
                group = where[1:]
                found[group] = plus(found[group], tally) if group in found else tally
        return found

    def received_in(self, start: datetime, end: datetime, area: str | None = None) -> Iterable[Fact]:
        for fact in self._facts.values():
            where = cell(fact, UTC)
            if where and fact.origin and start <= fact.origin.received_at < end and area in (None, where.area):
                yield fact

    def courses(self, period: Period, area: str | None = None, category: str | None = None) -> list[Course]:
        found = (course(each) for each in self._facts.values())
        return [
            each
            for each in found
            if each
            and not (period.start and each.received_at < period.start)
            and not (period.end and each.received_at >= period.end)
            and area in (None, each.area)
            and category in (None, each.category)
        ]

    def at_risk(self, limit: int) -> list[Fact]:
        due = [(each.at_risk_due, each.concern_id, each) for each in self._facts.values() if each.at_risk_due]
        return [fact for _, _, fact in sorted(due, key=lambda each: each[:2])[:limit]]

    def note(self, events: Sequence[Event[Any]]) -> None:
        self._noted += len(events)
        self._latest = [*self._latest, *(latest_of(each) for each in events[-OF_A_BATCH:])][-KEPT:]

    def latest(self, limit: int) -> list[Latest]:
        return self._latest[::-1][:limit]

    def concerns(self) -> int:
        return len(self._facts)

    def settle_days(self, zone: tzinfo) -> bool:
        known, self._zone = self._zone, zone
        if known is None or str(known) == str(zone):
            return False
        self._cells = total(self._facts.values(), zone)
        return True

    def mark(self) -> Any:
        return self._noted

    def last_day(self, until: date) -> date | None:
        days = (where.day for where, tally in self._cells.items() if count_of(tally, "received"))
        return max((day for day in days if day <= until), default=None)

    def by_day(self, first: date, last: date) -> dict[date, DayCounts]:
        found: dict[date, DayCounts] = {}
        for where, tally in self._cells.items():
            if first <= where.day <= last:
                counts = DayCounts(*(count_of(tally, name) for name in ("received", "acknowledged", "resolved")))
                found[where.day] = found.get(where.day, DayCounts()) + counts
        return found

    def counts_by_area(self, first: date | None, last: date | None) -> dict[str, Tally]:
        found = marginal(self.daily(first, last), DIMENSIONS.index("area"))
        kept = {AT[name] for name in COUNTS}
        return {area: [value if at in kept else 0 for at, value in enumerate(tally)] for area, tally in found.items()}
