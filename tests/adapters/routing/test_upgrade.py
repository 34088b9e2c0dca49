"""A database with cases in it is brought to the newest schema, and back, without losing any."""

from datetime import UTC, datetime, timedelta

import pytest
from alembic import command
from routing_concerns import AT, CITY
from sqlalchemy import text
from tests.memory.bus import memory_codec

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import SERVICE_VERSION_TABLE, alembic_config, upgrade
from concord_bus.unit_of_work import OpenWork
from concord_routing.adapters.repository import SqlStore
from concord_routing.application.check_deadlines import check_silence
from concord_routing.domain.case import MISSED_TASK, Task
from concord_routing.domain.command_execution import apply_command
from concord_routing.domain.commands import Reassign, Resolve
from concord_routing.ports import CaseFilter, PromiseStatus

ADD_CASE = text(
    "INSERT INTO cases (case_id, concern_id, status, category, channel, border, received_at, decided_at, submission,"
    " area, team, reason, acknowledge_by, respond_by, sequence) VALUES (:case_id, :concern_id, :status, 'noise', 'web',"
    " false, :at, :at, 'sealed', :area, :team, :reason, :due, :due, 1)"
)
ROWS = (
    {"case_id": "A", "concern_id": "a", "status": "routed", "area": "west", "team": "patrol-west", "reason": None},
    {"case_id": "B", "concern_id": "b", "status": "triage", "area": None, "team": None, "reason": "outside"},
)
OLD_CASES = (
    ("new", "triage", 10),
    ("old", "routed", 400),
    ("passed on", "routed", 40),
    ("spoken", "in_progress", 100),
    ("closed", "closed", 400),
)
"""Each with its state, and the days since it was received."""
WORDS = (
    ("passed on", 2, "reassign", 1),
    ("spoken", 2, "acknowledge", 20),
    ("spoken", 3, "update", 2),
    ("spoken", 4, "reassign", 1),
    ("closed", 2, "resolve", 350),
    ("closed", 3, "close", 340),
)
"""Entries of the history: case, version, command, days ago."""
ADD_WORKED = text(
    "INSERT INTO cases (case_id, concern_id, state, category, channel, border, received_at, decided_at, submission,"
    " area, team, sequence) VALUES (:case_id, :case_id, :state, 'noise', 'web', false, :at, :at, 'sealed', 'west',"
    " 'patrol-west', 1)"
)
ADD_ENTRY = text(
    "INSERT INTO history (case_id, version, at, actor, command, before, after)"
    " VALUES (:case_id, :version, :at, 'operator', :command, 'routed', 'routed')"
)


@pytest.fixture
def database(databases):
    opened = Database(databases, SqlStore)
    yield opened
    opened.dispose()


def text_of(moment, database):
    """A moment as SQLite keeps it, or as PostgreSQL reads it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f") + ("" if database.dialect == "sqlite" else "+00")


def alembic(database, move, revision):
    config = alembic_config("concord_routing")
    with database.engine.connect() as connection:
        config.attributes.update(connection=connection, version_table=SERVICE_VERSION_TABLE)
        move(config, revision)
        connection.commit()


def as_first_released(database):
    """A database of the first version with a routed case and one in triage."""
    alembic(database, command.upgrade, "0001")
    moment = text_of(AT, database)
    with database.engine.begin() as connection:
        for row in ROWS:
            due = moment if row["team"] else None
            connection.execute(ADD_CASE, {**row, "at": moment, "due": due})
        connection.execute(
            text("INSERT INTO tasks (case_id, reason, opened_at, state) VALUES ('B', 'outside', :at, 'open')"),
            {"at": moment},
        )
        connection.execute(text("INSERT INTO outcomes VALUES ('routed', 1), ('outside', 1)"))


def test_cases_opened_before_can_be_worked_after(databases, database):
    as_first_released(database)
    upgrade(databases, "concord_routing")

    with database.begin() as (_, store):
        routed, waiting = (case for _, case in store.cases(CaseFilter(), 0, 10))
        assert (routed.state, routed.status, routed.version, routed.sequence) == ("routed", "routed", 1, 1)
        assert (waiting.state, waiting.status, waiting.version, waiting.team) == ("triage", "triage", 1, None)
        assert (routed.received_at, routed.respond_by, waiting.respond_by) == (AT, AT, None)
        assert (store.counts().cases, store.counts().tasks_open, store.history("A")) == (2, 1, [])
        assert [(each.kind, each.due_at, each.state) for each in store.promises("A")] == [
            ("acknowledgement", AT, "open"),
            ("response", AT, "open"),
        ]
        assert store.promises("B") == []
        assert len(store.due_promises(AT + timedelta(seconds=1), 10)) == 2
        for case, order in ((routed, Resolve("done")), (waiting, Reassign("works"))):
            done = apply_command(case, order, CITY, "operator", AT)
            assert store.save(done.case, done.entry)
    with database.read() as (_, store):
        assert [each.state for _, each in store.cases(CaseFilter(), 0, 10)] == ["resolved", "routed"]
        assert store.case("B").version == 2


def test_old_cases_do_not_fall_silent_at_the_first_look(databases, database):
    now = datetime.now(UTC).replace(microsecond=0)
    day = timedelta(days=1)
    alembic(database, command.upgrade, "0002")
    with database.engine.begin() as connection:
        for case_id, state, received in OLD_CASES:
            connection.execute(
                ADD_WORKED, {"case_id": case_id, "state": state, "at": text_of(now - received * day, database)}
            )
        for case_id, version, order, ago in WORDS:
            at = text_of(now - ago * day, database)
            connection.execute(ADD_ENTRY, {"case_id": case_id, "version": version, "command": order, "at": at})

    upgrade(databases, "concord_routing")

    with database.begin() as (_, store):
        cases = {case.case_id: case for _, case in store.cases(CaseFilter(), 0, 10)}
        assert cases["new"].silent_at == now + 4 * day
        assert (cases["spoken"].last_word_at, cases["spoken"].silent_at) == (now - 2 * day, now + 12 * day)
        assert (cases["closed"].last_word_at, cases["closed"].silent_at) == (now - 350 * day, None)
        for each in ("old", "passed on"):
            assert timedelta(0) <= cases[each].silent_at - (now + day) < timedelta(minutes=5)
        work = OpenWork(store, now + timedelta(hours=23), memory_codec())
        assert check_silence(work, CITY) == 0
        assert (work.outgoing, store.counts().silent_open) == ([], 0)
        work = OpenWork(store, now + timedelta(hours=25), memory_codec())
        assert check_silence(work, CITY) == 2
        assert {event.data.last_word_at for event, _ in work.outgoing} == {now - 400 * day, now - 40 * day}


def test_what_timers_told_is_carried_over_and_back(databases, database):
    alembic(database, command.upgrade, "0004")
    with database.engine.begin() as connection:
        for case_id in "ABC":
            row = {"case_id": case_id, "state": "routed", "at": text_of(AT, database)}
            connection.execute(ADD_WORKED, row)
        connection.execute(text("UPDATE cases SET promise = 'missed', sequence = 4 WHERE case_id = 'B'"))
        connection.execute(text("UPDATE cases SET promise = 'at_risk', sequence = 3 WHERE case_id = 'C'"))

    upgrade(databases, "concord_routing")

    with database.begin() as (_, store):
        found = dict(store.cases(CaseFilter(), 0, 10))
        assert [(case.promise, case.sequence) for case in found.values()] == [(None, 1), ("missed", 4), ("at_risk", 3)]
        assert [case.case_id for _, case in store.cases(CaseFilter(promise="missed"), 0, 10)] == ["B"]
        (place,) = (place for place, case in found.items() if case.case_id == "C")
        store.save_promise_statuses([PromiseStatus(place, "missed", 5)])
        store.clear_silence_timers([("A", 2), ("B", 6)])

    alembic(database, command.downgrade, "0004")

    with database.engine.connect() as connection:
        rows = connection.execute(text("SELECT case_id, promise, sequence FROM cases ORDER BY seq")).all()
    assert [tuple(each) for each in rows] == [("A", None, 2), ("B", "missed", 6), ("C", "missed", 5)]


def test_a_case_that_waits_has_the_time_of_its_question(databases, database):
    alembic(database, command.upgrade, "0008")
    with database.engine.begin() as connection:
        for case_id, state in (("W", "waiting_for_resident"), ("R", "routed")):
            connection.execute(ADD_WORKED, {"case_id": case_id, "state": state, "at": text_of(AT, database)})
        connection.execute(text("UPDATE cases SET last_word_at = :at"), {"at": text_of(AT, database)})

    upgrade(databases, "concord_routing")

    with database.begin() as (_, store):
        assert [(store.case(each).asked_at, store.case(each).assignee) for each in "WR"] == [(AT, None), (None, None)]
        assert [each.case_id for each in store.unanswered_cases(AT + timedelta(days=6), 10)] == ["W"]

    alembic(database, command.downgrade, "0007")


def test_back_to_the_first_version(databases, database):
    as_first_released(database)
    upgrade(databases, "concord_routing")
    with database.begin() as (_, store):
        done = apply_command(store.case("A"), Resolve("done"), CITY, "operator", AT)
        store.save(done.case, done.entry)
        store.add_tasks([Task("A", "response", AT, kind=MISSED_TASK)])

    alembic(database, command.downgrade, "0001")

    with database.engine.connect() as connection:
        rows = connection.execute(text("SELECT case_id, status FROM cases ORDER BY seq")).all()
        tasks = connection.execute(text("SELECT case_id FROM tasks")).all()
    assert [tuple(each) for each in rows] == [("A", "routed"), ("B", "triage")]
    assert [tuple(each) for each in tasks] == [("B",)]
