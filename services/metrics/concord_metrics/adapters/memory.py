"""A store in memory, for tests and demonstrations."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, tzinfo
from typing import Any

from concord_contracts import Event
from concord_metrics.domain.course import Course, course
from concord_metrics.domain.fact import Fact
from concord_metrics.domain.latest import KEPT, OF_A_BATCH, Latest, latest_of
from concord_metrics.domain.period import Period
from concord_metrics.domain.summary import Group
from concord_metrics.domain.tally import ZERO, Cell, Tally, cell, plus, total


class MemoryStore:
    """Keeps facts and sums in dictionaries."""

    def __init__(self) -> None:
        self._facts: dict[str, Fact] = {}
        self._cells: dict[Cell, Tally] = {}
        self._zone: tzinfo | None = None
        self._latest: list[Latest] = []

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
