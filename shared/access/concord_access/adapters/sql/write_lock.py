"""One writer at a time, until the transaction ends."""

import zlib

from sqlalchemy import text
from sqlalchemy.engine import Connection

_SPACE = zlib.crc32(b"concord access") & 0x7FFFFFFF
"""First half of the lock's number, apart from the single numbers that the bus uses."""


def lock_until_commit(connection: Connection, name: str) -> None:
    """Let other transactions that ask for `name` wait until this one ends.

    On SQLite nothing is to be done: a transaction for writing holds the only write lock from its beginning.
    """
    if connection.dialect.name == "postgresql":
        number = zlib.crc32(name.encode()) & 0x7FFFFFFF
        connection.execute(text("SELECT pg_advisory_xact_lock(:space, :number)"), {"space": _SPACE, "number": number})
