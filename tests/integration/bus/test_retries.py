"""A message that fails is tried again with growing delay, in its place, and is parked when its chances are used up."""

from time import time

from bus_messages import submitted
from bus_stage import Ledger, Stage, ids
from bus_waiting import eventually


def test_a_message_that_always_raises_is_parked_after_its_attempts(stage: Stage, databases: str) -> None:
    bad, good = submitted("c-bad", do="raise"), [submitted(f"c{number}") for number in range(20)]
    stage.publish(*good[:10], bad, *good[10:])
    probe, ledger = stage.probe(databases).start(), Ledger(databases)
    eventually(ledger.counter("parked"), 1)
    eventually(ledger.counter("effects"), len(good))
    row = ledger.parked()[0]
    assert (row.event_id, row.event_type, row.partition_key) == (bad.id, "concern.submitted.v1", "c-bad")
    assert row.attempts == 4
    assert row.reason.startswith("failed 4 times, last: RuntimeError")
    assert "as ordered" not in row.reason
    assert sorted(ledger.effects()) == sorted(ids(good))
    assert ledger.count("waiting") == 0
    assert stage.left_over(probe) == 0


def test_a_message_that_raises_waits_for_its_delay_in_the_database(stage: Stage) -> None:
    stage.publish(submitted("c1", do="raise"))
    probe = stage.probe(policy={"first_delay": 3600.0, "max_delay": 3600.0, "jitter": 0.0}).start()
    ledger = Ledger(probe.database)
    eventually(ledger.counter("waiting"), 1)
    row = ledger.rows("SELECT attempts, next_attempt_at FROM waiting")[0]
    assert row.attempts == 1
    assert 3500 < row.next_attempt_at - time() <= 3600
    assert ledger.effects() == []
    assert stage.left_over(probe) == 0


def test_a_message_that_raises_twice_and_then_works_takes_effect_once(stage: Stage, databases: str) -> None:
    event = submitted("c1", do="raise", times=2)
    stage.publish(event)
    probe, ledger = stage.probe(databases).start(), Ledger(databases)
    eventually(ledger.effects, [event.id])
    eventually(ledger.counter("waiting"), 0)
    assert probe.metrics()["retried_total{type=concern.submitted.v1}"] == 2
    assert ledger.parked() == []


def test_a_message_the_service_refuses_is_parked_at_once_with_its_reason(stage: Stage) -> None:
    refused, good = submitted("c1", do="park"), submitted("c1", sequence=2)
    stage.publish(refused, good)
    probe = stage.probe().start()
    ledger = Ledger(probe.database)
    eventually(ledger.effects, [good.id])
    rows = ledger.parked()
    assert [(row.event_id, row.reason, row.attempts) for row in rows] == [(refused.id, "as ordered", 1)]


def test_messages_wait_for_a_resource_that_is_away_and_no_attempt_is_counted(stage: Stage) -> None:
    events = [submitted("c1"), submitted("c2", do="slow down", times=6), submitted("c3")]
    stage.publish(*events)
    probe = stage.probe(policy={"max_attempts": 1}).launch()
    eventually(probe.reasons, ["the consumer waits for the probe's resource"])
    probe.await_ready()
    ledger = Ledger(probe.database)
    eventually(lambda: sorted(ledger.effects()), sorted(ids(events)))
    assert ledger.parked() == []
    assert stage.left_over(probe) == 0


def test_a_retry_that_meets_an_absent_resource_uses_up_no_attempt(stage: Stage) -> None:
    """It waits behind a message that fails once, so that it is first handled as a retry."""
    first, second = submitted("c1", do="raise", times=1), submitted("c1", sequence=2, do="slow down", times=5)
    stage.publish(first, second)
    policy = {"first_delay": 0.1, "factor": 1.0, "max_attempts": 2}
    ledger = Ledger(stage.probe(policy=policy).start().database)
    eventually(ledger.effects, ids([first, second]))
    assert ledger.parked() == []


def test_messages_of_one_concern_take_effect_in_order_while_the_others_pass_by(stage: Stage, databases: str) -> None:
    line = [submitted("c-slow", sequence=1, do="raise", times=2)]
    line += [submitted("c-slow", sequence=number) for number in (2, 3, 4)]
    others = [submitted(f"c{number}") for number in range(20)]
    stage.publish(*others[:10], *line[:2], *others[10:], *line[2:])
    policy = {"first_delay": 2.0, "factor": 1.0, "jitter": 0.0}
    stage.probe(databases, policy=policy).start()
    ledger = Ledger(databases)
    eventually(ledger.counter("waiting"), 4)
    assert sorted(ledger.effects()) == sorted(ids(others))
    eventually(ledger.counter("effects"), 24)
    assert ledger.effects()[20:] == ids(line)
    assert ledger.rows("SELECT sequence FROM newest WHERE concern_id = 'c-slow'")[0].sequence == 4


def test_those_behind_a_message_that_is_parked_go_on(stage: Stage) -> None:
    bad, later = submitted("c1", do="raise"), submitted("c1", sequence=2)
    stage.publish(bad, later)
    ledger = Ledger(stage.probe().start().database)
    eventually(ledger.effects, [later.id])
    assert [row.event_id for row in ledger.parked()] == [bad.id]
    assert ledger.count("waiting") == 0
