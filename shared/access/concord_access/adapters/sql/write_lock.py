"""Admits one writer at a time, until its transaction ends."""

import zlib

from sqlalchemy import text
from sqlalchemy.engine import Connection

_SPACE = zlib.crc32(b"concord access") & 0x7FFFFFFF
"""The first half of the lock's number, which differs from the single numbers of the bus."""


def lock_until_commit(connection: Connection, name: str) -> None:
    """Make other transactions that lock `name` wait until this one ends.

    SQLite needs no lock: a transaction for writing holds the only write lock from its start.
    """
    if connection.dialect.name == "postgresql":
        number = zlib.crc32(name.encode()) & 0x7FFFFFFF
        connection.execute(text("SELECT pg_advisory_xact_lock(:space, :number)"), {"space": _SPACE, "number": number})
