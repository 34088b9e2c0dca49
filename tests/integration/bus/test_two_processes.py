"""Two processes of one service on PostgreSQL share the work, and one of them relays."""

import random
import time
import zlib

import pytest
from bus_broker import fetch_all
from bus_messages import received, submitted
from bus_probe import ProbeProcess
from bus_stage import Ledger, Stage, ids
from bus_waiting import eventually
from orjson import loads
from sqlalchemy import Connection, NullPool, create_engine, insert

from concord_bus.adapters.sql.tables import outbox
from concord_contracts import Encoded, Event

RELAY_LOCK = zlib.crc32(b"concord relay")
CONSUMED = "consumed_total{type=concern.submitted.v1}"
PUBLISHED = "published_total{type=concern.routed.v1}"


@pytest.fixture
def pair(stage: Stage, postgres_url: str) -> list[ProbeProcess]:
    probes = [stage.probe(postgres_url).launch(), stage.probe(postgres_url).launch()]
    for probe in probes:
        probe.await_ready()
    return probes


def holders(ledger: Ledger) -> int:
    """How many sessions hold the relay's lease."""
    held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND database ="
    held += " (SELECT oid FROM pg_database WHERE datname = current_database()) AND objid::bigint = :key"
    return int(ledger.rows(held, key=RELAY_LOCK)[0][0])


def waits_a_second(probe: ProbeProcess, seconds: float = 2.0) -> float:
    """How often it waits for something: for the clock now and then, or again and again for the database."""
    before, began = probe.waits(), time.monotonic()
    eventually(time.monotonic, lambda now: now >= began + seconds)
    return (probe.waits() - before) / (time.monotonic() - began)


def test_consumers_compete_one_relay_publishes_and_the_other_takes_over_when_it_is_killed(
    stage: Stage, pair: list[ProbeProcess], postgres_url: str
) -> None:
    ledger = Ledger(postgres_url)
    first = [submitted(f"c{number}") for number in range(2000)]
    stage.publish(*first)
    eventually(ledger.counter("effects"), 2000, 60)
    eventually(ledger.counter("outbox"), 0, 30)
    counts = [counters.metrics() for counters in pair]
    assert all(counters.get(CONSUMED, 0) > 0 for counters in counts)
    assert sum(counters[CONSUMED] for counters in counts) == 2000
    assert sorted(counters.get(PUBLISHED, 0) for counters in counts) == [0, 2000]
    assert holders(ledger) == 1
    holder, standby = sorted(pair, key=lambda probe: -probe.metrics().get(PUBLISHED, 0))
    assert waits_a_second(standby) < 80, "to stand by is to wait, about 40 times a second in all its parts"
    second = [submitted(f"d{number}") for number in range(1000)]
    stage.publish(*second)
    eventually(ledger.counter("effects"), lambda count: count > 2100)
    holder.kill()
    eventually(lambda: standby.metrics().get(PUBLISHED, 0), lambda count: count > 0, 10)
    eventually(ledger.counter("effects"), 3000, 60)
    eventually(ledger.counter("outbox"), 0, 30)
    assert holders(ledger) == 1
    assert sorted(ledger.effects()) == sorted(ids([*first, *second]))
    assert ledger.parked() == []
    causes = [loads(body)["causationid"] for body in fetch_all(stage.url, "metrics.events")]
    assert set(causes) == set(ids([*first, *second]))
    assert stage.left_over(standby) == 0


def test_a_row_that_commits_late_is_published_though_later_ones_have_gone(stage: Stage, postgres_url: str) -> None:
    stage.probe(postgres_url, service="intake").start()
    outbox_rows = Ledger(postgres_url).counter("outbox")
    late, early = received("c-late"), received("c-early")
    engine = create_engine(postgres_url, poolclass=NullPool)
    with engine.connect() as slow:
        append(slow, late, stage.codec.encode(late))
        with engine.begin() as quick:
            append(quick, early, stage.codec.encode(early))
        eventually(lambda: stage.depth("metrics.events"), 1)
        slow.commit()
    eventually(lambda: stage.depth("metrics.events"), 2)
    eventually(outbox_rows, 0)
    assert [loads(body)["id"] for body in fetch_all(stage.url, "metrics.events")] == [early.id, late.id]


def append(connection: Connection, event: Event[object], encoded: Encoded) -> None:
    row = {
        "event_id": event.id,
        "partition_key": event.partitionkey,
        "exchange": encoded.exchange,
        "routing_key": encoded.routing_key,
        "body": encoded.body,
        "private": False,
        "created_at": 0.0,
        "not_before": 0.0,
    }
    connection.execute(insert(outbox), [row])


def test_the_effects_on_one_concern_end_the_same_whatever_the_order_of_arrival(
    stage: Stage, pair: list[ProbeProcess], postgres_url: str
) -> None:
    events = [submitted(f"c{concern}", sequence=number) for concern in range(100) for number in range(1, 7)]
    for event in random.Random(1).sample(events, 30):
        events.append(submitted(event.partitionkey, sequence=event.sequence + 10, do="raise", times=1))
    arriving = events + random.Random(2).sample(events, 100)
    random.Random(3).shuffle(arriving)
    stage.publish(*arriving)
    ledger = Ledger(postgres_url)
    eventually(ledger.counter("effects"), len(events), 60)
    highest: dict[str, Event[object]] = {}
    for event in sorted(events, key=lambda event: event.sequence):
        highest[event.partitionkey] = event
    ended = {row.concern_id: row.sequence for row in ledger.rows("SELECT * FROM newest")}
    assert ended == {concern: event.sequence for concern, event in highest.items()}
    assert sorted(ledger.effects()) == sorted(ids(events))
    assert ledger.parked() == []
