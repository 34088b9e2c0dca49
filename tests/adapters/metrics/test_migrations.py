"""The schema: as the store uses it, and reached with all that was there from the first release."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from metric_events import AT, after, delivered, received, reopened, resolved, routed, unroutable
from sqlalchemy import create_engine, text

from concord_access.adapters.sql import audit_tables
from concord_bus.adapters.sql import tables as spine
from concord_bus.adapters.sql.bulk_insert import Bulk
from concord_bus.adapters.sql.database import Database, create_database_engine
from concord_bus.adapters.sql.migrate import alembic_config, upgrade
from concord_metrics.adapters import tables
from concord_metrics.adapters.fact_rows import ROUTING_COLUMNS, routing_row
from concord_metrics.adapters.repository import SqlStore
from concord_metrics.application.record_events import record_events
from concord_metrics.application.summary_queries import durations_of, summary
from concord_metrics.domain.aggregate_columns import ROUTING, ROUTING_COUNTS
from concord_metrics.domain.aggregates import AggregateKey, add_aggregates, aggregate_facts
from concord_metrics.domain.case_timeline import durations, timeline_of
from concord_metrics.domain.concern_facts import Fact, merge_event
from concord_metrics.domain.period import Period, parse_period
from concord_metrics.domain.summary import DIMENSIONS, summarise

BOSTON = ZoneInfo("America/New_York")
FIRST_RELEASE = "0001"
KNOWN = ("decided",)
"""What the first release did not count."""
FIRST_WAY = tuple(name for name in ROUTING if name not in KNOWN)


def migrate(url, step):
    """Run one of Alembic's commands, upgrade or downgrade, on metrics' own migrations."""
    engine = create_database_engine(url)
    with engine.connect() as connection:
        config = alembic_config("concord_metrics")
        config.attributes.update(connection=connection, version_table="alembic_version")
        step(config)
        connection.commit()
    engine.dispose()


def facts_of_before():
    """Sixty concerns as the first release knew them: routed, in triage, or only taken in."""
    for number in range(60):
        concern, came = f"c{number}", {"received_at": AT - timedelta(days=number % 3)}
        fact = merge_event(Fact(concern), received(concern, **came))
        if number % 5:
            fact = merge_event(fact, (routed if number % 4 else unroutable)(concern, **came))
        yield merge_event(fact, delivered(concern)) if number % 2 else fact


def write_as_before(url, facts):
    """Rows of the first release: each sum in one table, `open` for every case on which routing had decided."""
    engine = create_engine(url)
    with engine.begin() as connection:
        Bulk(tables.GENERATIONS["a"].facts, ROUTING_COLUMNS).write(connection, [routing_row(each) for each in facts])
        days = aggregate_facts(facts, BOSTON)
        rows = [(*cell, *(aggregate[ROUTING.index(name)] for name in FIRST_WAY)) for cell, aggregate in days.items()]
        Bulk(tables.GENERATIONS["a"].daily[0], (*AggregateKey._fields, *FIRST_WAY)).write(connection, rows)
        every = groups_of(facts)
        rows = [(*group, *(aggregate[ROUTING.index(name)] for name in FIRST_WAY)) for group, aggregate in every.items()]
        Bulk(tables.GENERATIONS["a"].overall[0], (*DIMENSIONS, *FIRST_WAY)).write(connection, rows)
    engine.dispose()


def groups_of(facts):
    """The sums over all days, from scratch."""
    groups = {}
    for cell, aggregate in aggregate_facts(facts, BOSTON).items():
        groups[cell[1:]] = add_aggregates(groups[cell[1:]], aggregate) if cell[1:] in groups else aggregate
    return groups


def figures(url):
    """The summary of all concerns, and of those of the last two days."""
    database = Database(url, SqlStore)
    with database.read() as (_, store):
        late = parse_period("2026-11-21", None, BOSTON)
        found = [
            summary(store, each, None, BOSTON, durations_of(store, each, None, after(9_000)))
            for each in (Period(), late)
        ]
    database.dispose()
    return found


def test_the_migrations_make_the_tables_that_the_store_uses(databases):
    upgrade(databases, "concord_metrics")
    upgrade(databases, "concord_metrics")
    database = Database(databases, SqlStore)
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        differences = compare_metadata(context, [tables.metadata, spine.metadata, audit_tables.metadata])
    database.dispose()
    assert [each for each in differences if "alembic_version" not in str(each)] == []


def test_what_was_measured_before_is_kept_and_goes_on(databases):
    facts = list(facts_of_before())
    migrate(databases, lambda config: command.upgrade(config, FIRST_RELEASE))
    write_as_before(databases, facts)

    upgrade(databases, "concord_metrics")

    whole, late = figures(databases)
    assert whole == summarise(groups_of(facts), durations(list(map(timeline_of, facts)), after(9_000)))
    assert (whole.totals.open, whole.totals.decided, whole.totals.in_triage) == (48, 48, 12)
    assert late.totals.decided == late.totals.open == 32
    database = Database(databases, SqlStore)
    with database.begin() as (_, store):
        record_events([resolved("c1"), resolved("c2"), reopened("c3")], store, BOSTON)
    database.dispose()
    totals = figures(databases)[0].totals
    assert (totals.open, totals.decided, totals.resolved, totals.reopenings) == (46, 48, 2, 1)


def test_the_way_back_keeps_what_the_first_release_knew(databases):
    facts = list(facts_of_before())
    migrate(databases, lambda config: command.upgrade(config, FIRST_RELEASE))
    write_as_before(databases, facts)
    upgrade(databases, "concord_metrics")
    database = Database(databases, SqlStore)
    with database.begin() as (_, store):
        record_events([resolved("c1")], store, BOSTON)
    database.dispose()

    migrate(databases, lambda config: command.downgrade(config, FIRST_RELEASE))

    engine = create_engine(databases)
    with engine.connect() as connection:
        counts = ", ".join(f"SUM({name})" for name in ROUTING_COUNTS if name not in KNOWN)
        for table in ("daily", "overall"):
            sums = connection.execute(text(f"SELECT {counts} FROM {table}")).one()
            assert list(map(int, sums)) == [60, 36, 12, 12, 0, 48, 48, 30, 0]
        assert connection.execute(text("SELECT COUNT(*) FROM facts")).scalar_one() == 60
    engine.dispose()
