"""The standing of a case: the worst of its promises that is not done, and what timers told of it.

It is a narrow row beside the long one of the case, so that timers write little. There is one only while a promise is
missed or at risk. Both rows have a sequence, of which the higher is that of the last event: a timer writes this one, a
command and a noticed silence the case's. The lock of the case covers both. It is taken by a statement of its own before
both are read: PostgreSQL reads a row again when it has waited for its lock, but not what is joined to it.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import FromClause, bindparam, case, delete
from sqlalchemy.engine import Connection

from concord_bus.adapters.sql.bulk_insert import Bulk, OnConflict
from concord_routing.adapters.tables import cases, standings
from concord_routing.domain.case import Case

_keep = Bulk(standings, ("seq", "promise", "sequence"), ("seq",), OnConflict.REPLACE)
_drop = delete(standings).where(standings.c.seq == bindparam("seq"))
_OF_CASE = standings.c.seq == cases.c.seq
_sequence = case((standings.c.sequence > cases.c.sequence, standings.c.sequence), else_=cases.c.sequence)
_split = {"promise": standings.c.promise, "sequence": _sequence.label("sequence")}

CASES = cases.outerjoin(standings, _OF_CASE)
"""With their standing, if they have one."""


def cases_with_standing(after: int | None = None) -> FromClause:
    """As `CASES`. A walk that begins `after` a place says so of both tables.

    PostgreSQL tells one of two joined tables that places are equal, and not that they are higher: it would read the
    other one from its beginning.
    """
    return CASES if after is None else cases.outerjoin(standings, _OF_CASE & (standings.c.seq > after))


def standing_cases(after: int | None = None) -> FromClause:
    """Those alone that have one; `after` in the same way."""
    return standings.join(cases, _OF_CASE if after is None else _OF_CASE & (standings.c.seq > after))


def of_case(name: str) -> Any:
    """The column of `CASES` for what Case calls `name`."""
    return _split[name] if name in _split else cases.c[name]


def keep_standings(connection: Connection, rows: Sequence[tuple[int, str, int]]) -> None:
    """Each a case's place in the order of opening, its worst promise and its sequence."""
    _keep.write(connection, rows)


def keep_standing(connection: Connection, seq: int, case: Case) -> None:
    """As a command left it, whose sequence the case's own row has too."""
    if case.promise is None:
        connection.execute(_drop, {"seq": seq})
    else:
        _keep.write(connection, [(seq, case.promise, case.sequence)])
