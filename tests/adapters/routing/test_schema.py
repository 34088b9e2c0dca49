"""The migrations make the tables that the store uses, whose constraints hold what the handlers promise."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from routing_concerns import AT, CITY, WEST, said
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from concord_access.adapters.sql import audit_tables, key_tables
from concord_bus.adapters.sql import tables as spine
from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_city import Locator
from concord_routing.adapters import tables
from concord_routing.adapters.repository import SqlStore
from concord_routing.domain.case_opening import open_case


@pytest.fixture
def database(databases):
    upgrade(databases, "concord_routing")
    upgrade(databases, "concord_routing")
    opened = Database(databases, SqlStore)
    yield opened
    opened.dispose()


def case(concern, case_id):
    return open_case(CITY, said(concern), Locator(CITY).locate_all([WEST])[0], "sealed", case_id, AT)


def test_the_tables_are_those_of_the_store(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(
            context, [tables.metadata, spine.metadata, key_tables.metadata, audit_tables.metadata]
        )
    assert [each for each in differences if "alembic_version" not in str(each)] == []


def test_a_second_use_of_a_case_id_is_refused(database):
    with database.begin() as (_, store):
        store.add_cases([case("a", "CASE")])
    with pytest.raises(IntegrityError), database.begin() as (_, store):
        store.add_cases([case("b", "CASE")])

    with database.read() as (_, store):
        assert store.counts().cases == 1


def test_counting_reads_no_case(database):
    """What is asked on every poll must not grow with the number of cases."""
    explain = "EXPLAIN QUERY PLAN " if database.dialect == "sqlite" else "EXPLAIN "
    asked = []
    with database.engine.connect() as connection:
        execute = connection.execute

        class Listening:
            dialect = connection.dialect

            def execute(self, query):
                asked.append(str(query.compile(connection, compile_kwargs={"literal_binds": True})))
                return execute(query)

        SqlStore(Listening()).counts()
        plans = "\n".join(str(row) for each in asked for row in execute(text(explain + each)))

    assert len(asked) == 2
    assert "outcomes" in plans
    assert "tasks" in plans
    assert "cases_" not in plans
    assert not any("FROM cases" in each for each in asked)
