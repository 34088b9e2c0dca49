"""A database connection that does not answer in time is dropped; the outcome of its transaction is unknown."""

import contextlib
import os
import socket
import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text

from concord_bus.adapters.sql import postgres_connection
from concord_bus.adapters.sql.connection_deadlines import ConnectionDeadlines
from concord_bus.adapters.sql.database import Database, create_database_engine
from concord_bus.adapters.sql.database_errors import translate_database_errors
from concord_bus.adapters.sql.tables import metadata
from concord_bus.adapters.sql.write_check import WriteCheck
from concord_bus.domain.errors import DatabaseUnavailable
from concord_nodes import PostgresNode

LIMIT = 8.0
SECONDS = 0.5


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    made = create_database_engine(postgres_url)
    yield made
    made.dispose()


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postgres_connection.BoundedConnection, "commit_seconds", SECONDS)
    monkeypatch.setattr(postgres_connection, "ANSWER_SECONDS", SECONDS)


@contextlib.contextmanager
def quickly() -> Iterator[None]:
    began = time.monotonic()
    yield
    assert time.monotonic() - began < LIMIT


@pytest.fixture
def without_a_standby(postgres: PostgresNode, engine: Engine) -> Iterator[None]:
    """Synchronous replication to a standby that is not there: no commit returns."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE notes (id int PRIMARY KEY)"))
        metadata.create_all(connection)
    postgres.execute("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
    postgres.execute("SELECT pg_reload_conf()")
    eventually_shows(engine, "nobody")
    yield
    postgres.execute("ALTER SYSTEM RESET synchronous_standby_names")
    postgres.execute("SELECT pg_reload_conf()")


def eventually_shows(engine: Engine, standby: str) -> None:
    until = time.monotonic() + LIMIT
    while time.monotonic() < until:
        with engine.connect() as connection:
            if connection.scalar(text("SHOW synchronous_standby_names")) == standby:
                return
        time.sleep(0.02)
    raise AssertionError("the server has not read its settings")


@pytest.mark.usefixtures("short", "without_a_standby")
def test_a_commit_that_no_standby_confirms_ends_with_an_unknown_outcome(engine: Engine) -> None:
    with quickly(), pytest.raises(DatabaseUnavailable) as caught, translate_database_errors(), engine.begin() as asked:
        asked.execute(text("INSERT INTO notes VALUES (1)"))
    assert caught.value.problem == "does not answer in time"
    with engine.begin() as connection:
        assert connection.scalar(text("SELECT 1")) == 1, "the pool has dropped it, and connects again"


@pytest.mark.usefixtures("without_a_standby")
def test_a_small_write_says_so_while_reads_succeed(postgres_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("concord_bus.adapters.sql.write_check.COMMIT_SECONDS", SECONDS)
    database = Database(postgres_url, lambda connection: None)
    check = WriteCheck(database)
    with quickly():
        assert check.problem() == "does not answer in time"
        assert WriteCheck(database).problem() == "is locked or too slow", "it waits for the first, and takes no session"
    with database.read() as (tx, _):
        assert tx.depths().waiting == 0
    database.dispose()


def test_a_clock_decides_which_connections_are_late() -> None:
    now = 0.0
    deadlines = ConnectionDeadlines(lambda: now, sleep=lambda seconds: time.sleep(3600))
    ours, theirs = socket.socketpair()
    others, _others_peer = socket.socketpair()
    with ours, theirs, others, _others_peer:
        with deadlines.within(ours, 2.0), deadlines.within(others, 5.0):
            assert deadlines.drop_late() == 0
            now = 2.0
            assert deadlines.drop_late() == 1
            assert ours.recv(1) == b"", "its wait has ended"
            others.send(b"x")
        now = 10.0
        assert deadlines.drop_late() == 0, "nobody waits any more"
        others.send(b"x")


def test_client_and_server_both_notice_that_the_other_has_gone(engine: Engine) -> None:
    """Without its own probes, a server keeps the session of a vanished host, and the relay's lease, for two hours."""
    with engine.connect() as connection:
        names = ("idle", "interval", "count")
        values = [connection.scalar(text(f"SHOW tcp_keepalives_{name}")) for name in names]
        assert connection.scalar(text("SHOW statement_timeout")) == "15s"
        assert connection.scalar(text("SHOW tcp_user_timeout")) in ("15s", "15000")
        raw = connection.connection.dbapi_connection
        with socket.socket(fileno=os.dup(raw.fileno())) as own:  # type: ignore[union-attr]
            kinds = (socket.TCP_KEEPIDLE, socket.TCP_KEEPINTVL, socket.TCP_KEEPCNT)
            assert [own.getsockopt(socket.IPPROTO_TCP, kind) for kind in kinds] == [10, 5, 3]
    assert values == ["10", "5", "3"]
