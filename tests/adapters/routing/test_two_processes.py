"""Two processes of routing on one PostgreSQL database are given the same concerns, under other event ids, at once."""

import threading
from collections import Counter
from random import Random

from routing_concerns import AT, CITY, PLACEHOLDER, WEST, submitted
from tests.memory.bus import memory_codec

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_bus.domain.delivery import ACCEPTED_TYPE, Delivery
from concord_bus.pipeline.pipeline import Pipeline
from concord_routing.adapters.repository import SqlStore
from concord_routing.application.live_rules import fixed
from concord_routing.entrypoints.event_handlers import event_handlers
from concord_routing.ports import CaseFilter

CONCERNS = 120
BATCH = 20
CODEC = memory_codec()


def batches(seed):
    """Every concern once, in an order of its own, under event ids of its own."""
    order = list(range(CONCERNS))
    Random(seed).shuffle(order)
    events = [submitted(f"c{number}", PLACEHOLDER if number % 5 == 0 else WEST) for number in order]
    bodies = [CODEC.encode(each).body for each in events]
    line = [
        Delivery("routing.submitted", "concord.private", "_", each, {}, {"content_type": ACCEPTED_TYPE})
        for each in bodies
    ]
    return [line[start : start + BATCH] for start in range(0, CONCERNS, BATCH)]


def test_each_concern_gets_one_case_one_task_and_one_event(postgres_url):
    upgrade(postgres_url, "concord_routing")
    together, errors = threading.Barrier(2), []

    def work(seed):
        database = Database(postgres_url, SqlStore)
        pipeline = Pipeline(database, CODEC, event_handlers(fixed(CITY)), clock=lambda: AT, chance=lambda: 0.0)
        try:
            for batch in batches(seed):
                together.wait(30)
                pipeline.take(batch)
        except Exception as error:
            errors.append(error)
            together.abort()
        finally:
            database.dispose()

    workers = [threading.Thread(target=work, args=(seed,)) for seed in (1, 2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(90)

    assert errors == []
    assert not any(each.is_alive() for each in workers)
    database = Database(postgres_url, SqlStore)
    with database.read() as (tx, store):
        cases = [case for _, case in store.cases(CaseFilter(), 0, 1000)]
        assert Counter(case.concern_id for case in cases) == {f"c{number}": 1 for number in range(CONCERNS)}
        assert sorted(task.case_id for _, task in store.tasks(0, 1000)) == sorted(
            case.case_id for case in cases if case.reason
        )
        assert store.counts().by_outcome == {"routed": 96, "placeholder": 24}
        told = [CODEC.decode(row.body) for row in tx.outgoing(0, 1000)]
        assert {each.partitionkey: each.data.case_id for each in told} == {
            case.concern_id: case.case_id for case in cases
        }
        made = [each.data for each in told if each.type == "promise.made.v1"]
        assert Counter((each.concern_id, *(one.promise for one in each.promises)) for each in made) == {
            (case.concern_id, "acknowledgement", "response"): 1 for case in cases if case.team
        }
        assert len(told) - len(made) == CONCERNS
        assert (tx.depths().waiting, tx.depths().parked) == (0, 0)
    database.dispose()
