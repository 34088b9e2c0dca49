"""Two processes of metrics on one PostgreSQL database: they meet at the same concerns and the same sums."""

import threading
from datetime import timedelta
from random import Random
from zoneinfo import ZoneInfo

from metric_events import AT, acknowledged, after, delivered, reassigned, received, resolved, routed

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_metrics.adapters.repository import SqlStore
from concord_metrics.application.record_events import record_events
from concord_metrics.domain.aggregates import aggregate_facts

BOSTON = ZoneInfo("America/New_York")
CONCERNS = 240
BATCH = 40


def batches(make, seed):
    """One kind of event for every concern, in an order of its own."""
    order = list(range(CONCERNS))
    Random(seed).shuffle(order)
    events = [make(number) for number in order]
    return [events[start : start + BATCH] for start in range(0, CONCERNS, BATCH)]


def on_day(number):
    return {"received_at": AT - timedelta(days=number % 3), "category": ("noise", "graffiti", "snow")[number % 3]}


KINDS = (
    lambda number: received(f"c{number}", **on_day(number)),
    lambda number: routed(f"c{number}", area=f"A{number % 4}", **on_day(number)),
    lambda number: delivered(f"c{number}", delivered_at=after(number)),
    lambda number: acknowledged(f"c{number}", 2, acknowledged_at=after(number), **on_day(number)),
    lambda number: reassigned(f"c{number}", 3, area=f"A{number % 4}", team=f"t{number % 5}", **on_day(number)),
    lambda number: resolved(f"c{number}", 4, resolved_at=after(number), **on_day(number)),
)


def test_the_sums_end_as_those_of_the_facts(postgres_url):
    upgrade(postgres_url, "concord_metrics")
    errors = []
    together = threading.Barrier(3)

    def work(kinds, seed):
        database = Database(postgres_url, SqlStore)
        try:
            for kind in kinds:
                for batch in batches(kind, seed):
                    together.wait(30)
                    with database.begin() as (_, store):
                        record_events(batch, store, BOSTON)
        except Exception as error:
            errors.append(error)
        finally:
            database.dispose()

    workers = [
        threading.Thread(target=work, args=(KINDS[status_change:] + KINDS[:status_change], status_change))
        for status_change in range(3)
    ]
    for each in workers:
        each.start()
    for each in workers:
        each.join(60)

    assert errors == []
    assert not any(each.is_alive() for each in workers)
    database = Database(postgres_url, SqlStore)
    with database.read() as (_, store):
        facts = list(store.received_in(AT - timedelta(days=9), after(1)))
        wanted = aggregate_facts(facts, BOSTON)
        assert len(facts) == CONCERNS
        days = {aggregate_key.day for aggregate_key in wanted}
        for day in days:
            found = store.daily(day, day)
            expected = {
                aggregate_key[1:]: aggregate for aggregate_key, aggregate in wanted.items() if aggregate_key.day == day
            }
            assert {group: aggregate for group, aggregate in found.items() if any(aggregate)} == expected
        overall = {group: aggregate for group, aggregate in store.overall().items() if any(aggregate)}
        assert overall == {group: aggregate for group, aggregate in store.daily(None, None).items() if any(aggregate)}
    database.dispose()
