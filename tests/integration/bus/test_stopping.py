"""SIGTERM ends a service within ten seconds, whatever state it, its broker or its database is in."""

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from bus_messages import submitted
from bus_probe import ProbeProcess
from bus_stage import Ledger, Stage, ids
from bus_waiting import eventually
from mute_broker import MuteBroker
from sqlalchemy.engine import make_url

from concord_nodes import PostgresNode
from concord_nodes.tcp_ports import free_port

LIMIT = 10.0


def seconds_to_end(*probes: ProbeProcess) -> list[float]:
    """SIGTERM to all at once; how long each took."""
    began = time.monotonic()
    for probe in probes:
        assert probe.alive
        probe.ask_to_stop()
    took = []
    for probe in probes:
        probe.await_end(LIMIT + 20)
        took.append(time.monotonic() - began)
    return took


def started(*probes: ProbeProcess) -> tuple[ProbeProcess, ...]:
    for probe in probes:
        probe.launch()
    for probe in probes:
        probe.await_ready()
    return probes


def test_at_work_it_finishes_what_it_has_in_hand_and_gives_back_the_rest(stage: Stage) -> None:
    events = [submitted(f"c{number}") for number in range(4000)]
    stage.publish(*events)
    probe = stage.probe(CONCORD_BATCH="50").start()
    ledger = Ledger(f"sqlite:///{stage.folder / 'routing'}.db")
    eventually(ledger.counter("effects"), lambda count: count > 50)
    assert max(seconds_to_end(probe)) < LIMIT
    assert "stopped" in probe.log
    done = ledger.effects()
    assert len(done) < len(events), "it was not interrupted at work"
    assert eventually(lambda: stage.depth("routing.submitted"), len(events) - len(done))
    assert sorted(done) == sorted(ids(events[: len(done)]))


def test_a_handler_that_does_not_come_back_is_left_and_its_message_given_back(stage: Stage) -> None:
    stage.publish(submitted("c1", do="sleep", seconds=300))
    probe = stage.probe().start()
    eventually(lambda: stage.depth("routing.submitted"), 0)
    assert max(seconds_to_end(probe)) < LIMIT
    eventually(lambda: stage.depth("routing.submitted"), 1)
    assert Ledger(probe.database).effects() == []


@pytest.mark.parametrize("state", ["down", "frozen", "alarm"])
def test_with_the_broker_away(ailing_stage: Stage, state: str) -> None:
    """One service idle, one with a full outbox that it is publishing, one that comes up only now."""
    idle, busy = started(ailing_stage.probe(service="routing"), ailing_stage.probe(service="intake"))
    with broker(ailing_stage, state):
        busy.publish("submitted", "c", 3000)
        new = ailing_stage.probe(f"sqlite:///{ailing_stage.folder / 'new'}.db").launch()
        eventually(busy.reasons, lambda reasons: bool(reasons))
        eventually(new.reasons, lambda reasons: not any("no answer" in reason for reason in reasons))
        took = seconds_to_end(idle, busy, new)
    assert max(took) < LIMIT, took
    left = Ledger(busy.database).count("outbox")
    assert left > 2000
    back = ailing_stage.probe(busy.database, service="intake").start()
    eventually(Ledger(back.database).counter("outbox"), 0)
    eventually(lambda: ailing_stage.depth("routing.submitted"), lambda count: count >= 3000)


@pytest.mark.parametrize("question", ["channel.open", "basic.consume"])
def test_with_a_broker_that_lives_but_does_not_answer(stage: Stage, question: str) -> None:
    """At any moment of an attempt: one is told to stop when it has just asked, one after it gave up."""
    with MuteBroker(question) as mute:
        late = stage.probe(CONCORD_BROKER_URL=mute.url).launch()
        eventually(
            late.reasons,
            lambda reasons: "the consumer has no connection to the broker (the broker does not respond)" in reasons,
        )
    with MuteBroker(question) as mute:
        early = stage.probe(f"sqlite:///{stage.folder / 'early'}.db", CONCORD_BROKER_URL=mute.url).launch()
        assert mute.asked.wait(20)
        took = seconds_to_end(late, early)
    assert max(took) < LIMIT, took
    for probe in (late, early):
        assert "could not stop in time" not in probe.log


@contextmanager
def broker(stage: Stage, state: str) -> Iterator[None]:
    node = stage.node
    if state == "alarm":
        node.memory_alarm(True)
    elif state == "frozen":
        node.freeze()
    else:
        node.kill()
    try:
        yield
    finally:
        node.thaw()
        node.start()
        if state == "alarm":
            node.memory_alarm(False)


def test_with_a_sqlite_file_that_somebody_else_has_locked(stage: Stage) -> None:
    (probe,) = started(stage.probe())
    other = sqlite3.connect(str(make_url(probe.database).database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    stage.publish(*(submitted(f"c{number}") for number in range(50)))
    eventually(probe.reasons, lambda reasons: "the consumer waits for the database" in reasons)
    took = seconds_to_end(probe)
    other.execute("ROLLBACK")
    assert max(took) < LIMIT, took
    again = stage.probe().start()
    eventually(Ledger(again.database).counter("effects"), 50)


@pytest.fixture
def own_postgres(postgres: PostgresNode, parts_folder: Path) -> Iterator[PostgresNode]:
    """A server to be stopped. Asking for `postgres` first skips where there is none."""
    node = PostgresNode(parts_folder / "postgres-ailing")
    try:
        yield node.start()
    finally:
        node.discard()


def test_with_postgresql_stopped_it_says_so_keeps_its_messages_and_goes_on(
    stage: Stage, own_postgres: PostgresNode
) -> None:
    (probe,) = started(stage.probe(own_postgres.create_database("probe")))
    own_postgres.kill()
    events = [submitted(f"c{number}") for number in range(50)]
    stage.publish(*events)
    eventually(probe.reasons, lambda reasons: "the database cannot be reached" in reasons)
    own_postgres.start()
    probe.await_ready()
    ledger = Ledger(probe.database)
    eventually(lambda: sorted(ledger.effects()), sorted(ids(events)))
    assert ledger.parked() == []
    own_postgres.kill()
    stage.publish(submitted("c-more"))
    eventually(probe.reasons, lambda reasons: "the database cannot be reached" in reasons)
    assert max(seconds_to_end(probe)) < LIMIT
    assert stage.depth("routing.submitted") == 1


def test_while_it_waits_for_a_database_that_is_not_there_yet(stage: Stage) -> None:
    nowhere = f"postgresql+psycopg2://nobody:nothing@127.0.0.1:{free_port()}/none"
    probe = stage.probe(nowhere).launch()
    eventually(lambda: "the database cannot be reached" in probe.log, True)
    assert max(seconds_to_end(probe)) < LIMIT
