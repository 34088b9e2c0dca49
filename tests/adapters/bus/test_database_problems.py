"""What is wrong with a database is told in words, and apart from what is wrong with a message."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError, IntegrityError

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.outbox_lease import LeasedOutbox
from concord_bus.adapters.sql.tables import metadata
from concord_bus.adapters.sql.write_check import CHECK_SECONDS, WriteCheck
from concord_bus.domain.errors import DatabaseUnavailable
from concord_nodes import PostgresNode

INSERT = "INSERT INTO inbox (event_id, seen_at) VALUES ('e', 0)"


@pytest.fixture
def database(databases: str) -> Iterator[Database]:
    made = Database(databases, lambda connection: None)
    metadata.create_all(made.engine)
    yield made
    made.dispose()


def run(database: Database, *statements: str) -> None:
    with database.begin() as (tx, _):
        for statement in statements:
            tx._connection.execute(text(statement))


def problem(database: Database, *statements: str) -> str:
    with pytest.raises(DatabaseUnavailable) as caught:
        run(database, *statements)
    return caught.value.problem


def read_only(database: Database) -> Callable[[], None]:
    """Make the database read-only, as after a failover; what undoes it."""
    name = make_url(str(database.engine.url)).database
    if database.dialect == "sqlite":

        def pragma(value: str) -> None:
            database.dispose()
            for pooled in [database.engine.connect()]:
                pooled.exec_driver_sql(f"PRAGMA query_only = {value}")
                pooled.rollback()
                pooled.close()

        pragma("ON")
        return lambda: pragma("OFF")

    def alter(value: str) -> None:
        with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql("SET default_transaction_read_only = off")
            connection.exec_driver_sql(f'ALTER DATABASE "{name}" SET default_transaction_read_only = {value}')
        database.dispose()

    alter("on")
    return lambda: alter("off")


def test_read_only(database: Database) -> None:
    undo = read_only(database)
    assert problem(database, INSERT) == "is read-only"
    assert WriteCheck(database).problem() == "is read-only"
    with database.read() as (tx, _):
        assert tx.depths().inbox == 0
    outbox = LeasedOutbox(database)
    with pytest.raises(DatabaseUnavailable):
        outbox.acquire()  # what it cannot delete it must not publish
    undo()
    assert outbox.acquire()
    outbox.release()
    run(database, INSERT)
    assert WriteCheck(database).problem() is None


def test_a_missing_table_or_column(database: Database) -> None:
    run(database, "ALTER TABLE waiting RENAME TO gone")
    assert problem(database, "DELETE FROM waiting") == "lacks a table or column"
    assert problem(database, "UPDATE inbox SET nope = 1") == "lacks a table or column"
    assert WriteCheck(database).problem() == "lacks the table waiting"
    assert WriteCheck(database, ["cases"]).problem() in ("lacks the table waiting", "lacks the table cases")
    run(database, "ALTER TABLE gone RENAME TO waiting")
    run(database, "DELETE FROM waiting")


def test_a_lock_that_lasts(postgres_url: str, postgres: PostgresNode) -> None:
    database = Database(postgres_url, lambda connection: None)
    metadata.create_all(database.engine)
    with database.engine.begin() as other:
        other.execute(text("LOCK TABLE inbox IN ACCESS EXCLUSIVE MODE"))
        assert problem(database, "SET LOCAL statement_timeout = '50ms'", INSERT) == "is locked or too slow"
        assert problem(database, "SET LOCAL lock_timeout = '50ms'", INSERT) == "is locked or too slow"
    run(database, INSERT)
    database.dispose()


def test_no_room_left(sqlite_url: str) -> None:
    database = Database(sqlite_url, lambda connection: None)
    metadata.create_all(database.engine)
    with database.engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
        connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    big = "INSERT INTO inbox (event_id, seen_at) VALUES (hex(randomblob(100000)), 0)"
    assert problem(database, big) == "has no space left"
    database.dispose()


def test_a_file_that_is_no_database(sqlite_url: str) -> None:
    path = str(make_url(sqlite_url).database)
    with open(path, "wb") as file:
        file.write(b"no database at all" * 1000)
    with pytest.raises(DatabaseUnavailable) as caught:
        run(Database(sqlite_url, lambda connection: None), INSERT)
    assert caught.value.problem == "is damaged"


def test_the_data_of_a_message_is_no_problem_of_the_database(database: Database) -> None:
    with pytest.raises(IntegrityError):
        run(database, INSERT, INSERT)
    if database.dialect == "postgresql":
        for statement in ("SELECT 1/0", "SELECT CAST('x' AS int)", INDEX_LIMIT):
            with pytest.raises(DBAPIError):
                run(database, statement)


INDEX_LIMIT = (
    "INSERT INTO inbox (event_id, seen_at)"
    " SELECT string_agg(md5(CAST(n AS text)), ''), 0 FROM generate_series(1, 1000) AS n"
)
"""A value over the limit of an index: PostgreSQL calls it an operational error, but it comes again every time."""


def test_the_check_writes_once_in_its_time(database: Database) -> None:
    now = 0.0
    check = WriteCheck(database, clock=lambda: now)
    assert check.problem() is None
    undo = read_only(database)
    now = CHECK_SECONDS - 0.1
    assert check.problem() is None, "the last result"
    now = CHECK_SECONDS
    assert check.problem() == "is read-only"
    undo()
    now = 2 * CHECK_SECONDS
    assert check.problem() is None
    with database.read() as (tx, _):
        assert tx.suspect_notes(["write check"]) == {}


def test_a_write_ahead_log_shrinks_again(sqlite_url: str) -> None:
    database = Database(sqlite_url, lambda connection: None)
    metadata.create_all(database.engine)
    run(database, LARGE)
    assert wal_size(sqlite_url) > 50_000_000
    for number in range(3):
        run(database, f"INSERT INTO inbox (event_id, seen_at) VALUES ('{number}', 0)")
    assert wal_size(sqlite_url) <= 32 * 1024 * 1024
    database.dispose()


def wal_size(url: str) -> int:
    path = Path(str(make_url(url).database))
    return path.with_name(f"{path.name}-wal").stat().st_size


LARGE = (
    "INSERT INTO parked SELECT 1, 0, 'parked', 'r', 0, NULL, NULL, NULL, 'f', '', '', '', 0, '', '', zeroblob(60000000)"
)
