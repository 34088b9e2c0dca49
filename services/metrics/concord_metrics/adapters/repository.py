"""The store on SQLite or PostgreSQL.

Two processes on PostgreSQL never take each other's sums apart: facts are locked in the order of their ids before they
are read, and sums are added to in the order of their keys.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from datetime import date, datetime, tzinfo
from functools import cache
from operator import attrgetter
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, delete, func, select, text, update
from sqlalchemy.engine import Connection

from concord_access.audit import SqlAudit
from concord_bus.adapters.sql.bulk_insert import Bulk, OnConflict
from concord_bus.adapters.sql.dialect import each_of, upsert
from concord_contracts import Event
from concord_metrics.adapters.aggregate_store import Sums, read_daily, read_overall
from concord_metrics.adapters.fact_rows import ALL, PLAIN, fact_of, plain_row, whole_row
from concord_metrics.adapters.ops_queries import read_by_day, read_counts_by_area, read_last_day, read_mark
from concord_metrics.adapters.tables import GENERATIONS, Generation, days, generations, latest, metadata
from concord_metrics.adapters.timeline_queries import course_of, courses_query
from concord_metrics.domain.aggregates import Cell, Tally, plus, total
from concord_metrics.domain.case_timeline import Course
from concord_metrics.domain.concern_facts import Fact
from concord_metrics.domain.period import Period
from concord_metrics.domain.recent_events import KEPT, OF_A_BATCH, Latest, latest_of
from concord_metrics.domain.summary import DIMENSIONS, Group
from concord_metrics.domain.trends import DayCounts

__all__ = ["SqlStore", "metadata"]

KEY = ("concern_id",)
LATEST_COLUMNS = tuple(each.name for each in fields(Latest))
LATEST = Bulk(latest, LATEST_COLUMNS)
_row_of = attrgetter(*LATEST_COLUMNS)
DAYS = 1
PAGE = 5000


_GENERATIONS = select(generations.c.live, generations.c.building)


class NothingThere(Exception):
    """No generation is being rebuilt, or the service was never started. Remedy: begin, or start it."""


class Writing:
    """The prepared statements that write one generation."""

    def __init__(self, tables: Generation) -> None:
        self.blank = Bulk(tables.facts, KEY, KEY)
        self.keep = Bulk(tables.facts, PLAIN, KEY, OnConflict.REPLACE)
        self.keep_whole = Bulk(tables.facts, ALL, KEY, OnConflict.REPLACE)
        self.daily = Sums(tables.daily, Cell._fields)
        self.overall = Sums(tables.overall, DIMENSIONS)


WRITING = {name: Writing(tables) for name, tables in GENERATIONS.items()}


class SqlStore:
    """See `ports.Store` and `ports.OpsStore`. Works on the live generation unless another is named."""

    def __init__(self, connection: Connection, generation: str | None = None) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name
        self._name = generation
        self.audit = SqlAudit(connection)

    def every(self) -> Sequence["SqlStore"]:
        """Held until the transaction ends: no generation takes another's place meanwhile."""
        live, building = self._connection.execute(_GENERATIONS.with_for_update(read=True)).one()
        self._name = self._name or live
        return (self, SqlStore(self._connection, building)) if building else (self,)

    def building(self) -> "SqlStore":
        """The store that is being rebuilt. Raises NothingThere."""
        name = self._connection.execute(select(generations.c.building).with_for_update(read=True)).scalar()
        if name is None:
            raise NothingThere
        return SqlStore(self._connection, name)

    def begin_building(self) -> bool:
        """Empty the other generation and have it told of every event from now on; False when one is rebuilt already."""
        live, building = self._connection.execute(_GENERATIONS.with_for_update()).one()
        if building:
            return False
        other = next(name for name in GENERATIONS if name != live)
        tables = GENERATIONS[other].tables
        if self._dialect == "postgresql":
            self._connection.execute(text(f"TRUNCATE {', '.join(each.name for each in tables)}"))
        else:
            for each in tables:
                self._connection.execute(delete(each))
        self._connection.execute(update(generations).values(building=other))
        return True

    def end_building(self) -> None:
        """The one that is being rebuilt is told of nothing more."""
        self._connection.execute(update(generations).values(building=None))

    def switch(self) -> None:
        """The one that was rebuilt takes the live one's place. Raises NothingThere."""
        _, building = self._connection.execute(_GENERATIONS.with_for_update()).one()
        if building is None:
            raise NothingThere
        self._connection.execute(update(generations).values(live=building, building=None))
        self._name = None

    def zone(self) -> tzinfo:
        """Whose days the daily sums are by. Raises NothingThere before the service was started once."""
        name = self._connection.execute(select(days.c.time_zone)).scalar()
        if name is None:
            raise NothingThere
        return ZoneInfo(name)

    @property
    def _tables(self) -> Generation:
        if self._name is None:
            self._name = self._connection.execute(select(generations.c.live)).scalar_one()
        return GENERATIONS[self._name]

    @property
    def _writing(self) -> Writing:
        return WRITING[self._tables.name]

    def facts(self, concern_ids: Sequence[str]) -> dict[str, Fact]:
        found = {each: Fact(each) for each in concern_ids}
        if not found:
            return found
        ids = sorted(found)
        if self._dialect == "postgresql":  # what is not there cannot be locked
            self._writing.blank.write(self._connection, [(each,) for each in ids])
        rows = self._connection.execute(_facts(self._dialect, self._tables.name), {"ids": json.dumps(ids)})
        found.update((row[0], fact_of(row)) for row in rows)
        return found

    def keep(self, facts: Sequence[Fact]) -> None:
        self._writing.keep.write(self._connection, [plain_row(each) for each in facts if each.plain])
        self._writing.keep_whole.write(self._connection, [whole_row(each) for each in facts if not each.plain])

    def add(self, changes: Mapping[Cell, Tally]) -> None:
        groups: dict[Group, Tally] = {}
        for cell, tally in changes.items():
            group = cell[1:]
            groups[group] = plus(groups[group], tally) if group in groups else tally
        self._writing.daily.add(self._connection, changes)
        self._writing.overall.add(self._connection, {group: groups[group] for group in sorted(groups)})

    def overall(self, area: str | None = None) -> dict[Group, Tally]:
        return read_overall(self._connection, self._tables.overall, area)

    def daily(self, first: date | None, last: date | None, area: str | None = None) -> dict[Group, Tally]:
        return read_daily(self._connection, self._tables.daily, first, last, area)

    def received_in(self, start: datetime, end: datetime, area: str | None = None) -> Iterable[Fact]:
        facts = self._tables.facts
        query = select(facts).where(facts.c.received_at >= start, facts.c.received_at < end)
        if area is not None:
            query = query.where(func.coalesce(facts.c.area, "") == area)
        return map(fact_of, self._connection.execute(query))

    def courses(self, period: Period, area: str | None = None, category: str | None = None) -> list[Course]:
        query = courses_query(self._tables.facts, period, area, category)
        return list(map(course_of, self._connection.execute(query)))

    def at_risk(self, limit: int) -> list[Fact]:
        facts = self._tables.facts
        query = select(facts).where(facts.c.at_risk_due.is_not(None))
        query = query.order_by(facts.c.at_risk_due, facts.c.concern_id).limit(limit)
        return list(map(fact_of, self._connection.execute(query)))

    def note(self, events: Sequence[Event[Any]]) -> None:
        LATEST.write(self._connection, [_row_of(latest_of(each)) for each in events[-OF_A_BATCH:]])
        newest = select(func.max(latest.c.id)).scalar_subquery()
        self._connection.execute(delete(latest).where(latest.c.id <= newest - KEPT))

    def latest(self, limit: int) -> list[Latest]:
        query = select(*(latest.c[name] for name in LATEST_COLUMNS)).order_by(latest.c.id.desc()).limit(limit)
        return [Latest(*row) for row in self._connection.execute(query)]

    def concerns(self) -> int:
        return self._connection.execute(select(func.count()).select_from(self._tables.facts)).scalar_one()

    def mark(self) -> Any:
        return read_mark(self._connection, self._tables)

    def last_day(self, until: date) -> date | None:
        return read_last_day(self._connection, self._tables, until)

    def by_day(self, first: date, last: date) -> dict[date, DayCounts]:
        return read_by_day(self._connection, self._tables, first, last)

    def counts_by_area(self, first: date | None, last: date | None) -> dict[str, Tally]:
        return read_counts_by_area(self._connection, self._tables, first, last)

    def settle_days(self, zone: tzinfo) -> bool:
        known = self._connection.execute(select(days.c.time_zone).with_for_update()).scalar()
        if known == str(zone):
            return False
        row = {"id": DAYS, "time_zone": str(zone)}
        self._connection.execute(upsert(self._connection, days, ["id"], ["time_zone"]), [row])
        if known is None:
            return False
        for each in self.every():
            each.count_days_anew(zone)
        return True

    def count_days_anew(self, zone: tzinfo) -> None:
        """Sum the days of this generation from its facts."""
        tables = self._tables
        if self._dialect == "postgresql":
            locked = ", ".join(each.name for each in tables.tables)
            self._connection.execute(text(f"LOCK TABLE {locked} IN EXCLUSIVE MODE"))
        for each in tables.daily:
            self._connection.execute(delete(each))
        query = select(tables.facts).execution_options(yield_per=PAGE)
        for page in self._connection.execute(query).partitions():
            self._writing.daily.add(self._connection, total(map(fact_of, page), zone))


@cache
def _facts(dialect: str, generation: str) -> Select[Any]:
    facts = GENERATIONS[generation].facts
    ids = text(f"SELECT each.value FROM {each_of(dialect, 'ids')}")
    return select(facts).where(facts.c.concern_id.in_(ids)).order_by(facts.c.concern_id).with_for_update()
