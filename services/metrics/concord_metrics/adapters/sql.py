"""The store on SQLite or PostgreSQL.

Two processes on PostgreSQL never take each other's sums apart: facts are locked in the order of their ids before they
are read, and sums are added to in the order of their keys.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, tzinfo
from functools import cache
from typing import Any

from sqlalchemy import Select, func, select, text
from sqlalchemy.engine import Connection

from concord_bus.adapters.sql.bulk import Bulk, OnConflict
from concord_bus.adapters.sql.dialect import each_of, upsert
from concord_metrics.adapters.rows import ALL, PLAIN, fact_of, plain_row, whole_row
from concord_metrics.adapters.sums import DAILY, OVERALL, forget_days, read_daily, read_overall
from concord_metrics.adapters.tables import days, facts, metadata
from concord_metrics.domain.fact import Fact
from concord_metrics.domain.summary import Group
from concord_metrics.domain.tally import Cell, Tally, plus, total
from concord_metrics.domain.work import NO_WORK

__all__ = ["SqlStore", "metadata"]

KEY = ("concern_id",)
BLANK = Bulk(facts, KEY, KEY)
KEEP = Bulk(facts, PLAIN, KEY, OnConflict.REPLACE)
KEEP_WORKED = Bulk(facts, ALL, KEY, OnConflict.REPLACE)
DAYS = 1
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
        found.update((row[0], fact_of(row)) for row in rows)
        return found

    def keep(self, facts: Sequence[Fact]) -> None:
        KEEP.write(self._connection, [plain_row(each) for each in facts if each.work is NO_WORK])
        KEEP_WORKED.write(self._connection, [whole_row(each) for each in facts if each.work is not NO_WORK])

    def add(self, changes: Mapping[Cell, Tally]) -> None:
        groups: dict[Group, Tally] = {}
        for cell, tally in changes.items():
            group = cell[1:]
            groups[group] = plus(groups[group], tally) if group in groups else tally
        DAILY.add(self._connection, changes)
        OVERALL.add(self._connection, {group: groups[group] for group in sorted(groups)})

    def overall(self, area: str | None = None) -> dict[Group, Tally]:
        return read_overall(self._connection, area)

    def daily(self, first: date | None, last: date | None, area: str | None = None) -> dict[Group, Tally]:
        return read_daily(self._connection, first, last, area)

    def received_in(self, start: datetime, end: datetime, area: str | None = None) -> Iterable[Fact]:
        query = select(facts).where(facts.c.received_at >= start, facts.c.received_at < end)
        if area is not None:
            query = query.where(func.coalesce(facts.c.area, "") == area)
        return map(fact_of, self._connection.execute(query))

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
            locked = "facts, daily, daily_work, overall, overall_work"
            self._connection.execute(text(f"LOCK TABLE {locked} IN EXCLUSIVE MODE"))
        forget_days(self._connection)
        query = select(facts).execution_options(yield_per=PAGE)
        for page in self._connection.execute(query).partitions():
            DAILY.add(self._connection, total(map(fact_of, page), zone))


@cache
def _facts(dialect: str) -> Select[Any]:
    ids = text(f"SELECT each.value FROM {each_of(dialect, 'ids')}")
    return select(facts).where(facts.c.concern_id.in_(ids)).order_by(facts.c.concern_id).with_for_update()
