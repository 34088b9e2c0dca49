"""The store on SQLite or PostgreSQL.

Two processes on PostgreSQL never take each other's sums apart: facts are locked in the order of their ids before they
are read, and sums are added to in the order of their keys.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from functools import cache
from typing import Any

from sqlalchemy import BigInteger, Select, cast, delete, func, select, text
from sqlalchemy.engine import Connection

from concord_bus.adapters.sql.bulk import Bulk, OnConflict
from concord_bus.adapters.sql.dialect import each_of, upsert
from concord_metrics.adapters.tables import daily, days, facts, metadata, overall
from concord_metrics.domain.fact import Fact, Origin, Outcome
from concord_metrics.domain.summary import DIMENSIONS, Group
from concord_metrics.domain.tally import COLUMNS, COUNTS, Cell, Tally, plus, total

__all__ = ["SqlStore", "metadata"]

CELL_COLUMNS = (*Cell._fields, *COLUMNS)
GROUP_COLUMNS = (*DIMENSIONS, *COLUMNS)
KEY = ("concern_id",)
BLANK = Bulk(facts, KEY, KEY)
KEEP = Bulk(facts, tuple(column.name for column in facts.columns), KEY, OnConflict.REPLACE)
ADD_DAILY = Bulk(daily, CELL_COLUMNS, Cell._fields, OnConflict.ADD)
ADD_OVERALL = Bulk(overall, GROUP_COLUMNS, DIMENSIONS, OnConflict.ADD)
COUNT_DAILY = Bulk(daily, (*Cell._fields, *COUNTS), Cell._fields, OnConflict.ADD)
COUNT_OVERALL = Bulk(overall, (*DIMENSIONS, *COUNTS), DIMENSIONS, OnConflict.ADD)
DAYS = 1
_TIMES = len(COUNTS)
PAGE = 5000


class SqlStore:
    """See `ports.Store`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._dialect = connection.dialect.name

    def facts(self, concern_ids: Sequence[str]) -> dict[str, Fact]:
        found = {each: Fact(each) for each in concern_ids}
        if not found:
            return found
        ids = sorted(found)
        if self._dialect == "postgresql":  # what is not there cannot be locked
            BLANK.write(self._connection, [(each,) for each in ids])
        listed: Any = ids if self._dialect == "postgresql" else json.dumps(ids)
        rows = self._connection.execute(_facts(self._dialect), {"ids": listed})
        found.update((row[0], _fact(row)) for row in rows)
        return found

    def keep(self, facts: Sequence[Fact]) -> None:
        KEEP.write(self._connection, [_row(each) for each in facts])

    def add(self, changes: Mapping[Cell, Tally]) -> None:
        groups: dict[Group, Tally] = {}
        for cell, tally in changes.items():
            group = cell[1:]
            groups[group] = plus(groups[group], tally) if group in groups else tally
        self._add(changes, ADD_DAILY, COUNT_DAILY)
        self._add({group: groups[group] for group in sorted(groups)}, ADD_OVERALL, COUNT_OVERALL)

    def _add(self, changes: Mapping[Any, Tally], everything: Bulk, counts: Bulk) -> None:
        """Add rows in their order; SQLite, whose one writer needs no order, is spared the columns without a change."""
        timed = {key: tally for key, tally in changes.items() if self._dialect == "postgresql" or any(tally[_TIMES:])}
        everything.write(self._connection, [(*key, *tally) for key, tally in timed.items()])
        if len(timed) < len(changes):
            rest = [(*key, *tally[:_TIMES]) for key, tally in changes.items() if key not in timed]
            counts.write(self._connection, rest)

    def overall(self, area: str | None = None) -> dict[Group, Tally]:
        query = select(*(overall.c[name] for name in GROUP_COLUMNS)).order_by(overall.c.id)
        return self._tallies(query if area is None else query.where(overall.c.area == area))

    def daily(self, first: date | None, last: date | None, area: str | None = None) -> dict[Group, Tally]:
        groups = [daily.c[name] for name in DIMENSIONS]
        query = select(*groups, *(cast(func.sum(daily.c[name]), BigInteger) for name in COLUMNS)).group_by(*groups)
        query = query if first is None else query.where(daily.c.day >= first)
        query = query if last is None else query.where(daily.c.day <= last)
        return self._tallies(query if area is None else query.where(daily.c.area == area))

    def received_in(self, start: datetime, end: datetime, area: str | None = None) -> Iterable[Fact]:
        query = select(facts).where(facts.c.received_at >= start, facts.c.received_at < end)
        if area is not None:
            query = query.where(func.coalesce(facts.c.area, "") == area)
        return map(_fact, self._connection.execute(query))

    def concerns(self) -> int:
        return self._connection.execute(select(func.count()).select_from(facts)).scalar_one()

    def settle_days(self, zone: tzinfo) -> bool:
        known = self._connection.execute(select(days.c.time_zone).with_for_update()).scalar()
        if known == str(zone):
            return False
        row = {"id": DAYS, "time_zone": str(zone)}
        self._connection.execute(upsert(self._connection, days, ["id"], ["time_zone"]), [row])
        if known is None:
            return False
        self._count_anew(zone)
        return True

    def _count_anew(self, zone: tzinfo) -> None:
        if self._dialect == "postgresql":
            self._connection.execute(text("LOCK TABLE facts, daily, overall IN EXCLUSIVE MODE"))
        self._connection.execute(delete(daily))
        query = select(facts).execution_options(yield_per=PAGE)
        for page in self._connection.execute(query).partitions():
            cells = total(map(_fact, page), zone)
            ADD_DAILY.write(self._connection, [(*cell, *tally) for cell, tally in cells.items()])

    def _tallies(self, query: Select[Any]) -> dict[Group, Tally]:
        return {row[:4]: list(row[4:]) for row in self._connection.execute(query)}


@cache
def _facts(dialect: str) -> Select[Any]:
    ids = text(f"SELECT each.value FROM {each_of(dialect, 'ids')}")
    return select(facts).where(facts.c.concern_id.in_(ids)).order_by(facts.c.concern_id).with_for_update()


def _row(fact: Fact) -> tuple[Any, ...]:
    """The columns of `facts`, in their order."""
    origin, outcome = fact.origin, fact.outcome
    return (
        fact.concern_id,
        *(_NOTHING if origin is None else (origin.told_by, origin.received_at, origin.category, origin.channel)),
        fact.occurred_at,
        *(_NOTHING if outcome is None else (outcome.sequence, outcome.area, outcome.team, outcome.reason)),
        fact.routed_at,
        fact.unroutable_at,
        fact.border,
        fact.acknowledged_at,
        fact.failed_at,
    )


def _fact(row: Sequence[Any]) -> Fact:
    concern_id, told_by, received_at, category, channel, occurred_at, sequence, area, team, reason, *rest = row
    origin = None if told_by is None else Origin(told_by, received_at, category, channel)
    outcome = None if sequence is None else Outcome(sequence, area, team, reason)
    return Fact(concern_id, origin, occurred_at, outcome, *rest)


_NOTHING = (None, None, None, None)
