"""SQL repository on SQLite or PostgreSQL.

Two processes on PostgreSQL cannot lose each other's updates. Each locks facts in the order of their ids before it reads
them, and adds to aggregates in the order of their keys.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.dialect import each_of, upsert
from concord_bus.adapters.sql.tables import inbox
from concord_contracts import Event
from concord_metrics.adapters.aggregate_store import AggregateTables, read_daily, read_overall
from concord_metrics.adapters.fact_rows import ALL_COLUMNS, ROUTING_COLUMNS, fact_of, fact_row, routing_row
from concord_metrics.adapters.ops_queries import OpsQueries
from concord_metrics.adapters.tables import GENERATIONS, Generation, days, generations, latest
from concord_metrics.adapters.timeline_queries import timeline_of_row, timeline_query
from concord_metrics.domain.aggregates import Aggregate, AggregateKey, add_to, aggregate_facts
from concord_metrics.domain.case_timeline import CaseTimeline
from concord_metrics.domain.concern_facts import Fact
from concord_metrics.domain.period import Period
from concord_metrics.domain.recent_events import MAX_PER_BATCH, MAX_RECENT, RecentEvent, recent_event
from concord_metrics.domain.summary import DIMENSIONS, Group
from concord_metrics.ports import GenerationMissing, Transaction

KEY = ("concern_id",)
RECENT_COLUMNS = tuple(field.name for field in fields(RecentEvent))
RECENT_EVENTS = Bulk(latest, RECENT_COLUMNS)
_recent_row = attrgetter(*RECENT_COLUMNS)
DAYS = 1
PAGE = 5000


_GENERATIONS = select(generations.c.live, generations.c.building)


class GenerationWriter:
    """Prepared statements that write one generation."""

    def __init__(self, tables: Generation) -> None:
        self.blank_facts = Bulk(tables.facts, KEY, KEY)
        self.routing_rows = Bulk(tables.facts, ROUTING_COLUMNS, KEY, OnConflict.REPLACE)
        self.fact_rows = Bulk(tables.facts, ALL_COLUMNS, KEY, OnConflict.REPLACE)
        self.daily = AggregateTables(tables.daily, AggregateKey._fields)
        self.overall = AggregateTables(tables.overall, DIMENSIONS)


WRITERS = {name: GenerationWriter(tables) for name, tables in GENERATIONS.items()}


class SqlStore(OpsQueries):
    """See `ports.Store`, `ports.OpsStore` and `ports.RebuildStore`. The default generation is the live one."""

    def __init__(self, connection: Connection, generation: str | None = None) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name
        self._name = generation
        self.audit = SqlAudit(connection)

    def generations(self) -> Sequence["SqlStore"]:
        """The lock prevents a switch until the transaction ends."""
        live, building = self._connection.execute(_GENERATIONS.with_for_update(read=True)).one()
        self._name = self._name or live
        return (self, SqlStore(self._connection, building)) if building else (self,)

    def new_generation(self) -> "SqlStore":
        name = self._connection.execute(select(generations.c.building).with_for_update(read=True)).scalar()
        if name is None:
            raise GenerationMissing
        return SqlStore(self._connection, name)

    def begin_rebuild(self) -> bool:
        live, building = self._connection.execute(_GENERATIONS.with_for_update()).one()
        if building:
            return False
        other = next(name for name in GENERATIONS if name != live)
        tables = GENERATIONS[other].tables
        if self._dialect == "postgresql":
            self._connection.execute(text(f"TRUNCATE {', '.join(table.name for table in tables)}"))
        else:
            for table in tables:
                self._connection.execute(delete(table))
        self._connection.execute(update(generations).values(building=other))
        return True

    def end_rebuild(self) -> None:
        self._connection.execute(update(generations).values(building=None))

    def switch(self) -> None:
        _, building = self._connection.execute(_GENERATIONS.with_for_update()).one()
        if building is None:
            raise GenerationMissing
        self._connection.execute(update(generations).values(live=building, building=None))
        self._name = None

    def time_zone(self) -> tzinfo:
        name = self._connection.execute(select(days.c.time_zone)).scalar()
        if name is None:
            raise GenerationMissing
        return ZoneInfo(name)

    @property
    def _tables(self) -> Generation:  # type: ignore[override]  # OpsQueries only reads it
        if self._name is None:
            self._name = self._connection.execute(select(generations.c.live)).scalar_one()
        return GENERATIONS[self._name]

    @property
    def _writer(self) -> GenerationWriter:
        return WRITERS[self._tables.name]

    def facts(self, concern_ids: Sequence[str]) -> dict[str, Fact]:
        facts = {concern_id: Fact(concern_id) for concern_id in concern_ids}
        if not facts:
            return facts
        ids = sorted(facts)
        if self._dialect == "postgresql":  # a lock needs a row
            self._writer.blank_facts.write(self._connection, [(concern_id,) for concern_id in ids])
        rows = self._connection.execute(_facts_query(self._dialect, self._tables.name), {"ids": json.dumps(ids)})
        facts.update((row[0], fact_of(row)) for row in rows)
        return facts

    def save(self, facts: Sequence[Fact]) -> None:
        writer = self._writer
        writer.routing_rows.write(self._connection, [routing_row(fact) for fact in facts if fact.routing_only])
        writer.fact_rows.write(self._connection, [fact_row(fact) for fact in facts if not fact.routing_only])

    def add(self, changes: Mapping[AggregateKey, Aggregate]) -> None:
        groups: dict[Group, Aggregate] = {}
        for key, aggregate in changes.items():
            add_to(groups, key[1:], aggregate)
        self._writer.daily.add(self._connection, changes)
        self._writer.overall.add(self._connection, {group: groups[group] for group in sorted(groups)})

    def overall(self) -> dict[Group, Aggregate]:
        return read_overall(self._connection, self._tables.overall)

    def daily(self, first: date | None, last: date | None) -> dict[Group, Aggregate]:
        return read_daily(self._connection, self._tables.daily, first, last)

    def received_in(self, start: datetime, end: datetime) -> Iterable[Fact]:
        facts = self._tables.facts
        query = select(facts).where(facts.c.received_at >= start, facts.c.received_at < end)
        return map(fact_of, self._connection.execute(query))

    def timelines(self, period: Period, area: str | None = None, category: str | None = None) -> list[CaseTimeline]:
        query = timeline_query(self._tables.facts, period, area, category)
        return list(map(timeline_of_row, self._connection.execute(query)))

    def at_risk(self, limit: int) -> list[Fact]:
        facts = self._tables.facts
        query = select(facts).where(facts.c.at_risk_due.is_not(None))
        query = query.order_by(facts.c.at_risk_due, facts.c.concern_id).limit(limit)
        return list(map(fact_of, self._connection.execute(query)))

    def save_recent(self, events: Sequence[Event[Any]]) -> None:
        rows = [_recent_row(recent_event(event)) for event in events[-MAX_PER_BATCH:]]
        RECENT_EVENTS.write(self._connection, rows)
        newest = select(func.max(latest.c.id)).scalar_subquery()
        self._connection.execute(delete(latest).where(latest.c.id <= newest - MAX_RECENT))

    def recent_events(self, limit: int) -> list[RecentEvent]:
        query = select(*(latest.c[name] for name in RECENT_COLUMNS)).order_by(latest.c.id.desc()).limit(limit)
        return [RecentEvent(*row) for row in self._connection.execute(query)]

    def handled_events(self) -> dict[str, float]:
        rows = self._connection.execute(select(inbox.c.event_id, inbox.c.seen_at))
        return {row.event_id: row.seen_at for row in rows}

    def concern_count(self) -> int:
        return self._connection.execute(select(func.count()).select_from(self._tables.facts)).scalar_one()

    def set_time_zone(self, zone: tzinfo) -> bool:
        known = self._connection.execute(select(days.c.time_zone).with_for_update()).scalar()
        if known == str(zone):
            return False
        row = {"id": DAYS, "time_zone": str(zone)}
        self._connection.execute(upsert(self._connection, days, ["id"], ["time_zone"]), [row])
        if known is None:
            return False
        for generation in self.generations():
            generation.recount_days(zone)
        return True

    def recount_days(self, zone: tzinfo) -> None:
        """Replace the daily aggregates of this generation by those of its facts."""
        tables = self._tables
        if self._dialect == "postgresql":
            names = ", ".join(table.name for table in tables.tables)
            self._connection.execute(text(f"LOCK TABLE {names} IN EXCLUSIVE MODE"))
        for table in tables.daily:
            self._connection.execute(delete(table))
        query = select(tables.facts).execution_options(yield_per=PAGE)
        for page in self._connection.execute(query).partitions():
            self._writer.daily.add(self._connection, aggregate_facts(map(fact_of, page), zone))


@cache
def _facts_query(dialect: str, generation: str) -> Select[Any]:
    facts = GENERATIONS[generation].facts
    ids = text(f"SELECT each.value FROM {each_of(dialect, 'ids')}")
    return select(facts).where(facts.c.concern_id.in_(ids)).order_by(facts.c.concern_id).with_for_update()


def transactions(database: Database) -> Transaction:
    """Transactions of a rebuild on the metrics database, whose store is a SqlStore."""

    @contextmanager
    def transaction() -> Iterator[SqlStore]:
        with database.begin() as (_, store):
            yield store

    return transaction
