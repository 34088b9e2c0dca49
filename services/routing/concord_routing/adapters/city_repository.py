"""The SQL repository of the live city, and of the cases that it leaves without a team or an area."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, update
from sqlalchemy.engine import Connection

from concord_bus.adapters.sql.bulk_insert import Bulk
from concord_routing.adapters.case_queries import case_columns
from concord_routing.adapters.promise_status import CASES
from concord_routing.adapters.tables import cases, live_city, tasks
from concord_routing.domain.case import REFERRED, TRIAGE, WITH_TEAM, Case

ROW = 1
_insert = Bulk(live_city, ("id", "digest", "since"), ("id",))


class SqlCity:
    """See `ports.Store`."""

    _connection: Connection

    def stranded_cases(self, teams: Sequence[str], areas: Sequence[str], limit: int) -> list[Case]:
        """Locks first and reads afterwards: see `promise_status`. Waits for locked cases, so that none is left out.

        Locks in the order of the concerns, as the handlers of events do.
        """
        first = select(cases.c.seq).where(_stranded(teams, areas)).order_by(cases.c.seq).limit(limit)
        query = select(cases.c.seq).where(_stranded(teams, areas), cases.c.seq.in_(first)).order_by(cases.c.concern_id)
        places = self._connection.scalars(query.with_for_update(of=cases)).all()
        if not places:
            return []
        rows = select(*case_columns()).select_from(CASES).where(cases.c.seq.in_(places)).order_by(cases.c.seq)
        return [Case(*row) for row in self._connection.execute(rows)]

    def count_stranded_cases(self, teams: Sequence[str], areas: Sequence[str]) -> int:
        query = select(func.count()).select_from(cases).where(_stranded(teams, areas))
        return self._connection.scalar(query) or 0

    def set_live_city(self, digest: str, now: datetime) -> str | None:
        if _insert.write(self._connection, [(ROW, digest, now)]):
            return None
        row = live_city.c.id == ROW
        before: Any = self._connection.scalar(select(live_city.c.digest).where(row).with_for_update())
        if before != digest:
            self._connection.execute(update(live_city).where(row).values(digest=digest, since=now))
        return str(before)


def _stranded(teams: Sequence[str], areas: Sequence[str]) -> ColumnElement[bool]:
    waits = exists().where(tasks.c.case_id == cases.c.case_id, tasks.c.kind == TRIAGE, tasks.c.state == "open")
    is_gone = or_(cases.c.team.not_in(teams), cases.c.area.not_in(areas))
    return and_(cases.c.state.in_((*WITH_TEAM, REFERRED)), is_gone, ~waits)
