"""A database with cases in it is brought to the newest schema, and back, without losing any."""

from datetime import timedelta

import pytest
from alembic import command
from routing_concerns import AT, CITY
from sqlalchemy import text

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import SERVICES_OWN, scripts_of, upgrade
from concord_routing.adapters.sql import SqlStore
from concord_routing.domain.case import MISSED_TASK, Task
from concord_routing.domain.orders import Reassign, Resolve
from concord_routing.domain.working import perform
from concord_routing.ports import Filter

ADD_CASE = text(
    "INSERT INTO cases (case_id, concern_id, status, category, channel, border, received_at, decided_at, submission,"
    " area, team, reason, acknowledge_by, respond_by, sequence) VALUES (:case_id, :concern_id, :status, 'noise', 'web',"
    " false, :at, :at, 'sealed', :area, :team, :reason, :due, :due, 1)"
)
ROWS = (
    {"case_id": "A", "concern_id": "a", "status": "routed", "area": "west", "team": "patrol-west", "reason": None},
    {"case_id": "B", "concern_id": "b", "status": "triage", "area": None, "team": None, "reason": "outside"},
)
MOMENT = "2026-11-23 15:00:00.000000"


@pytest.fixture
def database(databases):
    opened = Database(databases, SqlStore)
    yield opened
    opened.dispose()


def alembic(database, move, revision):
    config = scripts_of("concord_routing")
    with database.engine.connect() as connection:
        config.attributes.update(connection=connection, version_table=SERVICES_OWN)
        move(config, revision)
        connection.commit()


def as_first_released(database):
    """A database of the first version with a routed case and one in triage."""
    alembic(database, command.upgrade, "0001")
    zone = "" if database.dialect == "sqlite" else "+00"
    with database.engine.begin() as connection:
        for row in ROWS:
            due = MOMENT + zone if row["team"] else None
            connection.execute(ADD_CASE, {**row, "at": MOMENT + zone, "due": due})
        connection.execute(
            text("INSERT INTO tasks (case_id, reason, opened_at, state) VALUES ('B', 'outside', :at, 'open')"),
            {"at": MOMENT + zone},
        )
        connection.execute(text("INSERT INTO outcomes VALUES ('routed', 1), ('outside', 1)"))


def test_cases_opened_before_can_be_worked_after(databases, database):
    as_first_released(database)
    upgrade(databases, "concord_routing")

    with database.begin() as (_, store):
        routed, waiting = (case for _, case in store.cases(Filter(), 0, 10))
        assert (routed.state, routed.status, routed.version, routed.sequence) == ("routed", "routed", 1, 1)
        assert (waiting.state, waiting.status, waiting.version, waiting.team) == ("triage", "triage", 1, None)
        assert (routed.received_at, routed.respond_by, waiting.respond_by) == (AT, AT, None)
        assert (store.counts().cases, store.counts().tasks_open, store.history("A")) == (2, 1, [])
        assert [(each.kind, each.due_at, each.state) for each in store.promises("A")] == [
            ("acknowledgement", AT, "open"),
            ("response", AT, "open"),
        ]
        assert store.promises("B") == []
        assert routed.silent_at == waiting.silent_at == AT + timedelta(days=14)
        assert len(store.due_promises(AT + timedelta(seconds=1), 10)) == 2
        for case, order in ((routed, Resolve("done")), (waiting, Reassign("works"))):
            done = perform(case, order, CITY, "operator", AT)
            assert store.keep(done.case, done.entry)
    with database.read() as (_, store):
        assert [each.state for _, each in store.cases(Filter(), 0, 10)] == ["resolved", "routed"]
        assert store.case("B").version == 2


def test_back_to_the_first_version(databases, database):
    as_first_released(database)
    upgrade(databases, "concord_routing")
    with database.begin() as (_, store):
        done = perform(store.case("A"), Resolve("done"), CITY, "operator", AT)
        store.keep(done.case, done.entry)
        store.add([Task("A", "response", AT, kind=MISSED_TASK)])

    alembic(database, command.downgrade, "0001")

    with database.engine.connect() as connection:
        rows = connection.execute(text("SELECT case_id, status FROM cases ORDER BY seq")).all()
        tasks = connection.execute(text("SELECT case_id FROM tasks")).all()
    assert [tuple(each) for each in rows] == [("A", "routed"), ("B", "triage")]
    assert [tuple(each) for each in tasks] == [("B",)]
