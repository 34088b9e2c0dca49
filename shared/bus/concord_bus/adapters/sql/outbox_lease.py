"""The outbox with a lease: one process of a service relays at a time."""

import contextlib
import fcntl
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from sqlalchemy import delete, text
from sqlalchemy.engine import Connection, make_url

from concord_bus.adapters.sql import tables as t
from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.database_errors import translate_database_errors
from concord_bus.adapters.sql.transaction import SqlTransaction
from concord_bus.domain.refusals import Destination
from concord_bus.domain.stored_messages import Outgoing
from concord_bus.ports import utc_now

NO_ROW = 0
RELAY_LOCK = zlib.crc32(b"concord relay")


class DatabaseInUse(RuntimeError):
    """Another process uses this SQLite file. Remedy: stop it, or use PostgreSQL for several processes."""


class LeasedOutbox:
    """Reads and deletes outbox rows on the connection that holds the lease.

    On PostgreSQL the lease is an advisory lock of the session: a broken connection ends it, and every later call fails.
    On SQLite one process owns the whole file (see `lock_sqlite_file`).
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        self._connection: Connection | None = None

    def acquire(self) -> bool:
        """Take the lease. Returns False while another process holds it. Raises DatabaseUnavailable.

        A database that takes no deletion gives no lease: each row that stays after its confirm goes out again.
        """
        if self._connection is not None:
            return True
        with translate_database_errors():
            connection = self._database.engine.connect()
            try:
                locked = self._prepare(connection)
            except BaseException:
                connection.invalidate()
                connection.close()
                raise
        if not locked:
            connection.close()
            return False
        self._connection = connection
        try:
            self._try_to_delete(connection)
        except BaseException:
            self.release()
            raise
        return True

    def release(self) -> None:
        """Release the lease, also after a failure."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with contextlib.suppress(Exception):
                connection.invalidate()  # ends the session, and with it the lock
                connection.close()

    def read(self, above: int, limit: int, without: Sequence[Destination] = ()) -> list[Outgoing]:
        with self._transaction(reading=True) as tx:
            return tx.outgoing(above, limit, without)

    def read_held(self, which: Destination, above: int, limit: int) -> list[Outgoing]:
        with self._transaction(reading=True) as tx:
            return tx.outgoing_to(which, above, limit)

    def remove(self, seqs: Sequence[int]) -> None:
        with self._database.writing, self._transaction() as tx:
            tx.remove_confirmed(seqs)

    def _prepare(self, connection: Connection) -> bool:
        if connection.dialect.name == "postgresql":
            locked = connection.execute(text("SELECT pg_try_advisory_lock(:key)"), {"key": RELAY_LOCK}).scalar()
            connection.commit()
            return bool(locked)
        # If a power cut undoes a deletion, the relay publishes again, and the inbox of the receiver ignores it.
        raw: Any = connection.connection.dbapi_connection
        raw.execute("PRAGMA synchronous=NORMAL")
        return True

    def _try_to_delete(self, connection: Connection) -> None:
        """Delete no row. Raises DatabaseUnavailable when the database takes no deletion."""
        with self._database.writing, self._transaction():
            connection.execute(delete(t.outbox).where(t.outbox.c.seq == NO_ROW))

    @contextmanager
    def _transaction(self, *, reading: bool = False) -> Iterator[SqlTransaction]:
        assert self._connection is not None, "acquire the lease first"
        self._connection.execution_options(concord_read=reading)
        with translate_database_errors(), self._connection.begin():
            yield SqlTransaction(self._connection, utc_now)


def lock_sqlite_file(url: str) -> TextIO | None:
    """Lock a SQLite database for this process, until the returned file closes. Returns None for PostgreSQL.

    Raises DatabaseInUse when another process has the lock.
    """
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or not parsed.database:
        return None
    path = Path(parsed.database)
    path.parent.mkdir(parents=True, exist_ok=True)
    claim = path.with_name(path.name + ".lock").open("w")
    try:
        fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        claim.close()
        raise DatabaseInUse(f"{path.name} is in use by another process: stop it, or use PostgreSQL") from None
    return claim
