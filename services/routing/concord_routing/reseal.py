"""Re-encrypt submissions, objections, answers and contacts under routing's newest key.

Set CONCORD_DATABASE_URL and CONCORD_KEYS_ROUTING as for the service, the new key first, then the old ones. Then run
`python -m concord_routing.reseal`.

The service may run meanwhile with the same keys. When a run leaves nothing behind, and intake has had the new key for
as long as a message may wait, you can drop the old keys.
"""

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Table, and_, bindparam, func, select, tuple_, update
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DBAPIError

from concord_bus.adapters.sql import tables as bus
from concord_bus.adapters.sql.database import Database
from concord_bus.domain.errors import DatabaseUnavailable
from concord_bus.settings import SettingsError, required
from concord_contracts.encryption import Keyrings
from concord_contracts.errors import BadMessage, KeysMissing
from concord_routing.adapters.tables import cases, contacts, history

OWNER = "routing"
PAGE = 200


@dataclass(frozen=True, slots=True)
class Ciphertexts:
    """A column with ciphertexts, and the columns of its table's key."""

    column: Column[Any]
    key: Sequence[Column[Any]]

    def after(self, key: Sequence[Any] | None, limit: int, connection: Connection) -> Sequence[Any]:
        """Return rows of the key and the ciphertext by ascending key, from `key` on (exclusive)."""
        rows = select(*self.key, self.column).where(self.column.is_not(None)).order_by(*self.key).limit(limit)
        if key is not None:
            rows = rows.where(tuple_(*self.key) > tuple_(*key))
        return connection.execute(rows).all()

    def replace(self, changes: Sequence[Mapping[str, Any]], connection: Connection) -> None:
        """Write `new` to each row with the key `k0`, `k1` that still has the ciphertext `old`."""
        if changes:
            same = [column == bindparam(f"k{number}") for number, column in enumerate(self.key)]
            unchanged = and_(*same, self.column == bindparam("old"))
            values: dict[str, Any] = {self.column.name: bindparam("new")}
            connection.execute(update(self.column.table).where(unchanged).values(values), changes)


SUBMISSIONS = Ciphertexts(cases.c.submission, (cases.c.seq,))
OBJECTIONS = Ciphertexts(history.c.objection, (history.c.case_id, history.c.version))
CONTACTS = Ciphertexts(contacts.c.sealed, (contacts.c.concern_id,))
ANSWERS = Ciphertexts(history.c.answer, (history.c.case_id, history.c.version))
ALL = (SUBMISSIONS, OBJECTIONS, ANSWERS, CONTACTS)


@dataclass(frozen=True, slots=True)
class Result:
    """Rows under the newest key, rows that no key decrypts, and messages that wait or are parked as they came."""

    done: int
    unreadable: int
    waiting: int


def reseal(env: Mapping[str, str]) -> Result:
    """Re-encrypt all rows. Each page is one transaction. Raises SettingsError, DatabaseUnavailable."""
    try:
        keyrings = Keyrings.from_env(env)
    except KeysMissing as error:
        raise SettingsError(str(error)) from error
    if not keyrings.has(OWNER):
        raise SettingsError("set CONCORD_KEYS_ROUTING")
    database = Database(required(env, "CONCORD_DATABASE_URL"), lambda connection: connection)
    try:
        counts = [reseal_all(column, keyrings, database) for column in ALL]
        with database.read() as (_, connection):
            left = (_count(bus.waiting), _count(bus.parked, bus.parked.c.status == "parked"))
            waiting = sum(connection.scalar(query) or 0 for query in left)
    finally:
        database.dispose()
    return Result(sum(done for done, _ in counts), sum(unreadable for _, unreadable in counts), waiting)


def reseal_all(ciphertexts: Ciphertexts, keyrings: Keyrings, database: Database) -> tuple[int, int]:
    """Put every row of one column under the newest key. Return the number of rows done and of unreadable rows."""
    done = unreadable = 0
    after: Sequence[Any] | None = None
    while True:
        with database.begin() as (_, connection):
            page = ciphertexts.after(after, PAGE, connection)
            changes = []
            for row in page:
                try:
                    changes.append(_change(row, keyrings))
                except BadMessage:
                    unreadable += 1
            ciphertexts.replace(changes, connection)
        if not page:
            return done, unreadable
        done += len(changes)
        after = page[-1][:-1]


def _change(row: Sequence[Any], keyrings: Keyrings) -> dict[str, Any]:
    """Return the arguments of `replace` for a row. Raises BadMessage when no key decrypts it."""
    key = {f"k{number}": value for number, value in enumerate(row[:-1])}
    return key | {"old": row[-1], "new": keyrings.reseal(OWNER, row[-1])}


def _count(table: Table, *conditions: ColumnElement[bool]) -> Any:
    return select(func.count()).select_from(table).where(*conditions)


def main() -> int:
    """Return 0 when every row is under the newest key, 1 when some are unreadable, 2 for a setting or a database."""
    try:
        result = reseal(os.environ)
    except SettingsError as error:
        print(f"Cannot re-encrypt: {error}", file=sys.stderr)
        return 2
    except DatabaseUnavailable as error:
        print(f"The database {error.problem}: correct CONCORD_DATABASE_URL, or mend the database.", file=sys.stderr)
        return 2
    except DBAPIError as error:
        print(f"Cannot read the database ({error.orig}): correct CONCORD_DATABASE_URL.", file=sys.stderr)
        return 2
    print(f"{result.done} submissions, objections, answers and contacts are under the newest key.")
    if result.waiting:
        print(f"{result.waiting} messages wait or are parked as they came: keep the old keys until they are gone.")
    if result.unreadable:
        print(f"No given key decrypts {result.unreadable} rows: add the missing key.", file=sys.stderr)
    return 1 if result.unreadable else 0


if __name__ == "__main__":
    sys.exit(main())
