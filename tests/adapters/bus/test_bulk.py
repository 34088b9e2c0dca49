"""Many rows at once: whatever is written comes back as it was, on both databases."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from sqlalchemy import BigInteger, Boolean, Column, Float, Integer, LargeBinary, MetaData, Table, Text, select

from concord_bus.adapters.sql.bulk_insert import Bulk, OnConflict
from concord_bus.adapters.sql.bulk_update import BulkUpdate
from concord_bus.adapters.sql.column_types import UtcDateTime
from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.postgres_arrays import NULL, SEPARATOR

metadata = MetaData()
things = Table(
    "things",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("word", Text),
    Column("body", LargeBinary),
    Column("flag", Boolean),
    Column("share", Float),
    Column("large", BigInteger),
    Column("at", UtcDateTime),
)
NAMES = tuple(things.c.keys())
add = Bulk(things, NAMES)
AT = datetime(2026, 3, 2, 15, 4, 5, 678901, tzinfo=UTC)

PLAIN = (1, "a word", b'{"a": "\\n"}', True, 0.1, 2**60, AT)
ODD = (
    2,
    'it\'s "quoted" \\ {,} %s %(c0)s :x\nNULL\t',
    b"\x00\xff\xfe",
    False,
    1e300,
    -(2**60),
    AT - timedelta(days=36500),
)
NOTHING = (3, None, None, None, None, None, None)
EMPTY = (4, "", b"", False, 0.0, 0, AT)
FOREIGN = (5, "señor 🦉", "señor 🦉".encode(), True, -1.5, 1, datetime(2026, 7, 1, tzinfo=timezone(timedelta(hours=2))))
MARKS = (6, f"a{SEPARATOR}b", SEPARATOR.encode(), True, 2.5, 2, AT)
NULL_MARK = (7, NULL, NULL.encode(), None, None, None, None)


@pytest.fixture
def database(databases):
    opened = Database(databases, lambda connection: connection)
    metadata.create_all(opened.engine)
    yield opened
    metadata.drop_all(opened.engine)
    opened.dispose()


def kept(connection):
    rows = connection.execute(select(things).order_by(things.c.id))
    return [tuple(bytes(value) if isinstance(value, memoryview) else value for value in row) for row in rows]


@pytest.mark.parametrize(
    "rows",
    [
        [PLAIN],
        [EMPTY],
        [NOTHING],
        [PLAIN, EMPTY, FOREIGN],
        [PLAIN, ODD, NOTHING, EMPTY, FOREIGN, MARKS, NULL_MARK],
        [PLAIN, NOTHING],
        [MARKS, FOREIGN],
        [NOTHING, NULL_MARK],
        [(n, *PLAIN[1:]) for n in range(3000)],
    ],
)
def test_what_is_written_comes_back(database, rows):
    with database.begin() as (_, connection):
        assert add.write(connection, rows) == len(rows)
        assert kept(connection) == sorted(rows)


def test_nothing_is_written_of_nothing(database):
    with database.begin() as (_, connection):
        assert add.write(connection, []) == 0
        BulkUpdate(things, ("id",), ("word",)).write(connection, [])
        assert kept(connection) == []


def test_a_row_that_is_there_is_kept_replaced_or_added_to(database):
    with database.begin() as (_, connection):
        add.write(connection, [(n, "old", None, None, None, 10, None) for n in (1, 2, 3)])
        assert Bulk(things, ("id", "word"), ("id",)).write(connection, [(1, "new"), (4, "new")]) == 1
        Bulk(things, ("id", "word"), ("id",), OnConflict.REPLACE).write(connection, [(2, "new"), (5, "new")])
        Bulk(things, ("id", "large"), ("id",), OnConflict.ADD).write(connection, [(3, 5), (6, 7)])
        found = [(row[0], row[1], row[5]) for row in kept(connection)]
    assert found == [(1, "old", 10), (2, "new", 10), (3, "old", 15), (4, "new", None), (5, "new", None), (6, None, 7)]


@pytest.mark.parametrize("words", [("x", "y", "z"), ("x", "x", "x"), ("it's %s", None, "")])
def test_rows_are_changed_by_their_key(database, words):
    change = BulkUpdate(things, ("id", "large"), ("word",), extra_sql="share = share + 1")
    with database.begin() as (_, connection):
        add.write(connection, [(n, "old", None, None, 0.5, n * 10, None) for n in (1, 2, 3, 4)])
        change.write(
            connection, [(n, n * 10, word) for n, word in enumerate(words, 1)] + [(4, 41, "no such"), (9, 90, "")]
        )
        found = [(row[0], row[1], row[4]) for row in kept(connection)]
    assert found == [*((n, word, 1.5) for n, word in enumerate(words, 1)), (4, "old", 0.5)]
