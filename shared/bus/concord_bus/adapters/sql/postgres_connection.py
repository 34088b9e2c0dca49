"""PostgreSQL connections with a bound on every wait."""

from typing import Any

from psycopg2 import OperationalError
from psycopg2.extensions import connection, cursor

from concord_bus.adapters.sql.connection_deadlines import deadlines

CONNECT_SECONDS = 5
STATEMENT_SECONDS = 15
ANSWER_SECONDS = 20.0
"""The wait for a statement's result. A live server ends it after STATEMENT_SECONDS."""
COMMIT_SECONDS = 10.0
"""The wait for a commit. Without an answer, its outcome is unknown."""
IDLE_SECONDS = 60
KEEPALIVE_IDLE, KEEPALIVE_INTERVAL, KEEPALIVE_COUNT = 10, 5, 3
"""Seconds, seconds and probes, for client and server. A host that vanishes frees its session and its relay's lease."""
USER_TIMEOUT_MS = 15_000
"""Milliseconds for unacknowledged data, during which TCP sends no probes."""


class NoAnswerInTime(OperationalError):
    """The server did not answer in time. The outcome of the transaction is unknown."""

    problem = "does not answer in time"


class BoundedConnection(connection):
    """A connection of psycopg2. A commit without an answer in `commit_seconds` drops it."""

    commit_seconds = COMMIT_SECONDS

    def commit(self) -> None:
        with deadlines.within(self, self.commit_seconds, NoAnswerInTime()):
            super().commit()

    def rollback(self) -> None:
        with deadlines.within(self, self.commit_seconds, NoAnswerInTime()):
            super().rollback()


class BoundedCursor(cursor):
    """A cursor of psycopg2. A statement without an answer in ANSWER_SECONDS drops its connection."""

    def execute(self, query: Any, vars: Any = None) -> None:
        with deadlines.within(self.connection, ANSWER_SECONDS, NoAnswerInTime()):
            super().execute(query, vars)


def connect_arguments() -> dict[str, Any]:
    """Return psycopg2's arguments. The settings of the session need no right and no change of the server."""
    session = {
        "statement_timeout": f"{STATEMENT_SECONDS}s",
        "idle_in_transaction_session_timeout": f"{IDLE_SECONDS}s",
        "tcp_keepalives_idle": KEEPALIVE_IDLE,
        "tcp_keepalives_interval": KEEPALIVE_INTERVAL,
        "tcp_keepalives_count": KEEPALIVE_COUNT,
        "tcp_user_timeout": USER_TIMEOUT_MS,
    }
    return {
        "connection_factory": BoundedConnection,
        "cursor_factory": BoundedCursor,
        "connect_timeout": CONNECT_SECONDS,
        "options": " ".join(f"-c {name}={value}" for name, value in session.items()),
        "keepalives_idle": KEEPALIVE_IDLE,
        "keepalives_interval": KEEPALIVE_INTERVAL,
        "keepalives_count": KEEPALIVE_COUNT,
        "tcp_user_timeout": USER_TIMEOUT_MS,
    }
