"""Tells errors of the database itself from those of a message or a request."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from concord_bus.adapters.sql.tls_faults import tls_fault
from concord_bus.domain.errors import DatabaseUnavailable

UNREACHABLE = "cannot be reached"
UNUSABLE = "cannot be used"
READ_ONLY = "is read-only"
OTHER_SCHEMA = "lacks a table or column"
FULL = "has no space left"
SLOW = "is locked or too slow"
DAMAGED = "is damaged"

POSTGRESQL = {
    "25006": READ_ONLY,
    "42P01": OTHER_SCHEMA,  # undefined table
    "42703": OTHER_SCHEMA,  # undefined column
    "3F000": OTHER_SCHEMA,
    "42501": "refuses a right",
    "53100": FULL,
    "53300": "has no connection left",
    "55P03": SLOW,  # lock not available
    "57014": SLOW,  # statement timeout
    "40001": SLOW,
    "40P01": SLOW,  # deadlock
}
POSTGRESQL_CLASSES = frozenset(("08", "25", "28", "3D", "40", "53", "55", "57", "58", "XX"))
"""The SQLSTATE classes of connections, logins, resources, locks and internal errors."""
SQLITE = {5: SLOW, 6: SLOW, 8: READ_ONLY, 10: "cannot be read or written", 11: DAMAGED, 13: FULL, 26: DAMAGED}
"""Primary result codes."""
NO_SUCH = ("no such table", "no such column", "has no column")


@contextmanager
def translate_database_errors() -> Iterator[None]:
    """Translate the driver's errors about the database itself to DatabaseUnavailable, which names the problem.

    The others stay: bad data, a broken constraint, a value over a limit.
    """
    try:
        yield
    except PoolTimeout as error:
        raise DatabaseUnavailable(SLOW) from error
    except DBAPIError as error:
        problem = problem_of(error)
        if problem is None:
            raise
        raise DatabaseUnavailable(problem) from error


def problem_of(error: DBAPIError) -> str | None:
    """Return the problem of the database, or None for an error of the data."""
    own: str | None = getattr(error.orig, "problem", None)
    if own or error.connection_invalidated:
        return own or _unreachable(error)
    sqlstate = getattr(error.orig, "pgcode", None)
    if sqlstate is not None:
        return POSTGRESQL.get(sqlstate) or (UNUSABLE if sqlstate[:2] in POSTGRESQL_CLASSES else None)
    sqlite = getattr(error.orig, "sqlite_errorcode", 0) & 0xFF
    if sqlite in SQLITE:
        return SQLITE[sqlite]
    if any(words in str(error.orig) for words in NO_SUCH):
        return OTHER_SCHEMA
    return _unreachable(error) if isinstance(error, OperationalError | InterfaceError) else None


def _unreachable(error: DBAPIError) -> str:
    fault = tls_fault(str(error.orig))
    return f"{UNREACHABLE}: {fault}" if fault else UNREACHABLE
