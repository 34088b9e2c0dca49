"""Two processes of routing follow the same imported histories, in orders of their own, at once."""

import threading
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from random import Random

from routing_concerns import AT, CITY, OUTSIDE, WEST, submitted
from tests.memory.bus import memory_codec

from concord_bus.adapters.sql.database import Database
from concord_bus.adapters.sql.migrate import upgrade
from concord_bus.domain.delivery import ACCEPTED_TYPE, Delivery
from concord_bus.pipeline.pipeline import Pipeline
from concord_contracts import new_event
from concord_contracts.messages import HistoryUpdated
from concord_routing.adapters.repository import SqlStore
from concord_routing.application.live_rules import fixed
from concord_routing.entrypoints.event_handlers import event_handlers
from concord_routing.ports import CaseFilter

CONCERNS = 40
DAY = timedelta(days=1)
THEN = AT - 30 * DAY
CODEC = memory_codec()
NIGHTS = ((4, THEN + DAY), (5, None), (6, THEN + 3 * DAY))
"""Sequence and closing time: closed, reopened and closed again."""


def concern(number):
    event = submitted(f"c{number}", OUTSIDE if number % 4 == 0 else WEST, received_at=THEN, promised_by=THEN + 2 * DAY)
    return replace(event, time=THEN, recorded=AT)


def night(number, sequence, closed_at):
    data = HistoryUpdated(
        concern_id=f"c{number}", promised_by=THEN + 2 * DAY, closed_at=closed_at, updated_at=AT + sequence * DAY
    )
    return new_event(data, sequence=sequence, time=data.updated_at)


def deliveries(events):
    bodies = [CODEC.encode(each).body for each in events]
    return [
        Delivery("routing.history", "concord.private", "_", each, {}, {"content_type": ACCEPTED_TYPE})
        for each in bodies
    ]


def test_the_latest_state_counts_whoever_is_first(databases):
    upgrade(databases, "concord_routing")
    database = Database(databases, SqlStore)
    opening = Pipeline(database, CODEC, event_handlers(fixed(CITY)), clock=lambda: AT, chance=lambda: 0.0)
    opening.take(deliveries([concern(number) for number in range(CONCERNS)]))
    together, errors = threading.Barrier(2), []

    def work(seed):
        own = Database(databases, SqlStore)
        pipeline = Pipeline(own, CODEC, event_handlers(fixed(CITY)), clock=lambda: AT, chance=lambda: 0.0)
        updates = [night(number, *state) for number in range(CONCERNS) for state in NIGHTS]
        Random(seed).shuffle(updates)
        try:
            for start in range(0, len(updates), 10):
                together.wait(30)
                pipeline.take(deliveries(updates[start : start + 10]))
        except Exception as error:
            errors.append(error)
            together.abort()
        finally:
            own.dispose()

    workers = [threading.Thread(target=work, args=(seed,)) for seed in (1, 2)]
    for each in workers:
        each.start()
    for each in workers:
        each.join(90)
    assert errors == []
    with database.read() as (_, store):
        cases = [case for _, case in store.cases(CaseFilter(), 0, CONCERNS)]
        ends = [store.history(case.case_id)[-1].at for case in cases]
        depths = database_depths(database)
    assert Counter(case.state for case in cases) == {"resolved": CONCERNS - CONCERNS // 4, "closed": CONCERNS // 4}
    assert set(ends) == {THEN + 3 * DAY}
    assert (depths.waiting, depths.parked) == (0, 0)
    database.dispose()


def database_depths(database):
    with database.read() as (transaction, _):
        return transaction.depths()
