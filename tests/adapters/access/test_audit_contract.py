"""What every audit promises, and what the databases refuse and the check finds."""

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

import pytest
from sqlalchemy import insert, text
from sqlalchemy.exc import DBAPIError

from concord_access.adapters.sql import audit_tables
from concord_access.adapters.sql.audit_tables import audit_entries
from concord_access.audit import Entry, EntryFilter, SqlAudit, Verifier, verify_log
from concord_access.domain.hash_chain import EMPTY, Fault, Head

AT = datetime(2026, 3, 1, 9, 30, 0, 123456, tzinfo=timezone(timedelta(hours=-5)))


def entry(number):
    details = {"number": number, "from": "north", "again": False, "to": None}
    return Entry(AT + timedelta(seconds=number), "key:night-desk", "case.reassigned", f"case:K{number}", details)


def checked(audit, expected=None, page=2):
    verifier = Verifier(expected)
    return [(finding.line, finding.fault) for finding in verify_log(audit, verifier, page)], verifier.head


def test_entries_follow_one_another(begin):
    with begin() as stores:
        assert stores.audit.head() == EMPTY
        assert checked(stores.audit) == ([], EMPTY)
    heads = []
    for number in range(5):
        with begin() as stores:
            heads.append(stores.audit.append(entry(number)))
    with begin() as stores:
        records = stores.audit.records()
        assert [record.seq for record in records] == [1, 2, 3, 4, 5]
        assert [Head(record.seq, record.hash) for record in records] == heads
        assert stores.audit.head() == heads[-1]
        assert checked(stores.audit, heads[2]) == ([], heads[-1])
        first = records[0]
        assert (first.at, first.actor) == ("2026-03-01T14:30:00.123456Z", "key:night-desk")
        assert first.details == '{"again":false,"from":"north","number":0,"to":null}'
        assert [record.seq for record in stores.audit.records(after=2, limit=2)] == [3, 4]


@pytest.mark.parametrize(
    ("entry_filter", "numbers"),
    [
        (EntryFilter(), [0, 1, 2, 3, 4, 5]),
        (EntryFilter(actor="operator"), [1, 3, 5]),
        (EntryFilter(action="case.closed"), [5]),
        (EntryFilter(subject="case:K1"), [1, 4]),
        (EntryFilter(subject="case:k1"), []),
        (EntryFilter(since=AT + timedelta(seconds=2)), [2, 3, 4, 5]),
        (EntryFilter(before=AT + timedelta(seconds=2)), [0, 1]),
        (EntryFilter(since=AT + timedelta(seconds=2, microseconds=1)), [3, 4, 5]),
        (EntryFilter("operator", "case.updated", None, AT + timedelta(seconds=2), AT + timedelta(seconds=9)), [3]),
    ],
)
def test_only_the_entries_that_are_wanted(begin, entry_filter, numbers):
    with begin() as stores:
        for number in range(6):
            actor, action = ("operator", "key:desk")[number % 2 == 0], "case.closed" if number == 5 else "case.updated"
            at = AT + timedelta(seconds=number)
            stores.audit.append(Entry(at, actor, action, f"case:K{number % 3}", {"number": number}))
    with begin() as stores:
        found = stores.audit.records(0, 10, entry_filter)
        assert [record.seq - 1 for record in found] == numbers
        assert stores.audit.records(0, 1, entry_filter) == found[:1]
        assert stores.audit.records(3, 10, entry_filter) == [record for record in found if record.seq > 3]


def filled(engine, count=5):
    with engine.begin() as connection:
        for number in range(count):
            SqlAudit(connection).append(entry(number))


def test_what_is_undone_leaves_no_gap(engine):
    filled(engine, 2)
    with engine.connect() as connection:
        SqlAudit(connection).append(entry(9))
        connection.rollback()
    filled(engine, 2)
    with engine.begin() as connection:
        assert checked(SqlAudit(connection))[0] == []
        assert SqlAudit(connection).head().count == 4


@pytest.mark.parametrize(
    "attempt",
    [
        "UPDATE audit_entries SET actor = 'operator' WHERE seq = 2",
        "UPDATE audit_entries SET seq = 9 WHERE seq = 2",
        "DELETE FROM audit_entries WHERE seq = 5",
        "DELETE FROM audit_entries",
    ],
)
def test_the_database_refuses_changes(engine, attempt):
    filled(engine)
    with pytest.raises(DBAPIError, match="audit entries cannot be"), engine.begin() as connection:
        connection.execute(text(attempt))
    with engine.begin() as connection:
        assert SqlAudit(connection).head().count == 5


def test_each_database_refuses_its_own_ways_round(engine):
    filled(engine)
    attempts = ["TRUNCATE audit_entries"]
    if engine.dialect.name == "sqlite":
        row = "('', '', '', '', '', '', '')"
        attempts = [f"INSERT OR REPLACE INTO audit_entries VALUES ({seq}, {row[1:]}" for seq in (2, 5, 9)]
    for attempt in attempts:
        with pytest.raises(DBAPIError, match="audit entries"), engine.begin() as connection:
            connection.execute(text(attempt))


UNGUARD = {
    "sqlite": [f"DROP TRIGGER audit_entries_{name}" for name in ("no_update", "no_delete", "at_the_end")],
    "postgresql": ["ALTER TABLE audit_entries DISABLE TRIGGER ALL"],
}


@pytest.mark.parametrize(
    ("vandalism", "finding"),
    [
        (["UPDATE audit_entries SET subject = 'case:K9' WHERE seq = 3"], (3, Fault.CHANGED)),
        (["UPDATE audit_entries SET details = '{\"again\": true}' WHERE seq = 1"], (1, Fault.CHANGED)),
        (["DELETE FROM audit_entries WHERE seq = 1"], (1, Fault.MISSING)),
        (["DELETE FROM audit_entries WHERE seq IN (2, 3)"], (2, Fault.MISSING)),
        (
            [
                "DELETE FROM audit_entries WHERE seq = 2",
                *(f"UPDATE audit_entries SET seq = {n - 1} WHERE seq = {n}" for n in (3, 4, 5)),
            ],
            (2, Fault.REORDERED),
        ),
        (
            [f"UPDATE audit_entries SET seq = {new} WHERE seq = {old}" for old, new in ((2, 9), (3, 2), (9, 3))],
            (2, Fault.REORDERED),
        ),
        (["DELETE FROM audit_entries WHERE seq > 3"], (4, Fault.CUT_OFF)),
        (["DELETE FROM audit_entries"], (1, Fault.CUT_OFF)),
    ],
)
def test_one_who_gets_round_the_triggers_is_found_out(engine, vandalism, finding):
    filled(engine)
    with engine.begin() as connection:
        kept = SqlAudit(connection).head()
        for statement in [*UNGUARD[engine.dialect.name], *vandalism]:
            connection.execute(text(statement))
    with engine.begin() as connection:
        assert checked(SqlAudit(connection), kept)[0][0] == finding


def test_what_is_put_before_the_first_is_found(engine):
    filled(engine, 1)
    with engine.begin() as connection:
        for statement in UNGUARD[engine.dialect.name]:
            connection.execute(text(statement))
        texts = dict.fromkeys(("at", "actor", "action", "subject", "details", "previous", "hash"), "x")
        connection.execute(insert(audit_entries), {"seq": 0, **texts})
    with engine.begin() as connection:
        assert checked(SqlAudit(connection))[0][0] == (0, Fault.REORDERED)


WRITER = """
import sys
from datetime import UTC, datetime
from concord_access.audit import Entry, SqlAudit
from concord_bus.adapters.sql.database import create_database_engine
from concord_bus.adapters.sql.database_errors import translate_database_errors
from concord_bus.domain.errors import DatabaseUnavailable
engine, done = create_database_engine(sys.argv[1]), 0
print("ready", flush=True)
sys.stdin.readline()
while done < 40:
    try:
        with translate_database_errors(), engine.begin() as connection:
            SqlAudit(connection).append(Entry(datetime.now(UTC), sys.argv[2], "case.worked", f"case:{done}"))
        done += 1
    except DatabaseUnavailable:  # SQLite's lock was busy for its second: try again, as a service does
        pass
engine.dispose()
"""


def test_two_processes_make_one_chain(engine, databases):
    command = [sys.executable, "-c", WRITER, databases]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    writers = [subprocess.Popen([*command, f"key:{name}"], **pipes) for name in ("one", "two")]
    try:
        assert [writer.stdout.readline() for writer in writers] == ["ready\n"] * 2
        for writer in writers:
            writer.stdin.write("go\n")
            writer.stdin.flush()
        assert [writer.wait(timeout=60) for writer in writers] == [0, 0]
    finally:
        for writer in writers:
            writer.kill()
            writer.communicate()
    with engine.begin() as connection:
        findings, head = checked(SqlAudit(connection), page=1000)
        records = SqlAudit(connection).records()
    assert (findings, head.count) == ([], 80)
    for actor in ("key:one", "key:two"):
        assert [record.subject for record in records if record.actor == actor] == [f"case:{n}" for n in range(40)]


def test_a_migration_may_find_the_tables_there_and_removes_them(engine):
    with engine.begin() as connection:
        op = SimpleNamespace(get_bind=lambda: connection)
        audit_tables.create_v1(op)
        audit_tables.drop_v1(op)
        audit_tables.create_v1(op)
    filled(engine, 1)
    with engine.begin() as connection:
        assert SqlAudit(connection).head().count == 1
        assert SqlAudit(connection).records()[0].at.endswith("Z")


def test_moments_need_no_clock_of_the_database(begin):
    with begin() as stores:
        stores.audit.append(Entry(datetime(1999, 1, 1, tzinfo=UTC), "operator", "history.imported", "import:1"))
        assert stores.audit.records()[0].at == "1999-01-01T00:00:00.000000Z"
