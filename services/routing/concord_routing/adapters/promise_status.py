"""The standing of a case: the worst of its promises that is not done, and the sequence of the last deadline check.

It is a narrow row beside the long row of the case, so that deadline checks write little. It exists only while a promise
is missed or at risk. Both rows have a sequence, and the higher one belongs to the last event. A check of promises
writes this row; a command and a check of silence write the row of the case. The lock of the case covers both rows. One
statement takes the lock before another reads both: PostgreSQL reads a row again after it has waited for its lock, but
not the row that a join adds.
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import FromClause, bindparam, case, delete
from sqlalchemy.engine import Connection

from concord_bus.adapters.sql.bulk_insert import Bulk, OnConflict
from concord_routing.adapters.tables import cases, standings
from concord_routing.domain.case import Case

_upsert = Bulk(standings, ("seq", "promise", "sequence"), ("seq",), OnConflict.REPLACE)
_delete = delete(standings).where(standings.c.seq == bindparam("seq"))
_OF_CASE = standings.c.seq == cases.c.seq
_sequence = case((standings.c.sequence > cases.c.sequence, standings.c.sequence), else_=cases.c.sequence)
_split = {"promise": standings.c.promise, "sequence": _sequence.label("sequence")}

CASES = cases.outerjoin(standings, _OF_CASE)
"""All cases, with their standing if they have one."""


def all_cases(after: int | None = None) -> FromClause:
    """Return `CASES`, for a walk from the place after `after`.

    The join repeats the condition for the second table. From an equality PostgreSQL does not derive that the other
    place is higher too, so it would read that table from its beginning.
    """
    return CASES if after is None else cases.outerjoin(standings, _OF_CASE & (standings.c.seq > after))


def cases_with_standing(after: int | None = None) -> FromClause:
    """Return only the cases that have a standing, for a walk from the place after `after`."""
    return standings.join(cases, _OF_CASE if after is None else _OF_CASE & (standings.c.seq > after))


def of_case(name: str) -> Any:
    """Return the column of `CASES` for the field `name` of Case."""
    return _split[name] if name in _split else cases.c[name]


def save_promise_statuses(connection: Connection, rows: Sequence[tuple[int, str, int]]) -> None:
    """Save rows of a case's place in the order of opening, its standing and its sequence."""
    _upsert.write(connection, rows)


def save_promise_status(connection: Connection, seq: int, case: Case) -> None:
    """Save the standing of a case after a command; the case's own row has the same sequence."""
    if case.promise is None:
        connection.execute(_delete, {"seq": seq})
    else:
        _upsert.write(connection, [(seq, case.promise, case.sequence)])
