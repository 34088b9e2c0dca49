"""The spine tells what it does, in figures that are right, and forgets what it need not remember."""

from bus_messages import Message, submitted
from bus_stage import Ledger, Stage
from bus_waiting import eventually

KIND = "type=concern.submitted.v1"


def test_the_metrics_of_a_run_are_right(stage: Stage) -> None:
    events = [submitted(f"c{number}") for number in range(30)]
    hopeless = submitted("c-never", do="raise")
    stage.publish(*events, *events[:5], hopeless, Message(b"not JSON"))
    probe = stage.probe().start()
    ledger = Ledger(probe.database)
    eventually(ledger.counter("effects"), 30)
    eventually(ledger.counter("parked"), 2)
    eventually(lambda: probe.metrics()["outbox_depth"], 0.0)
    found = probe.metrics()
    assert found[f"consumed_total{{{KIND}}}"] == 30 + 5
    assert found["duplicates_suppressed_total"] == 5
    assert found[f"retried_total{{{KIND}}}"] == 3, "of its four attempts"
    assert found["parked_total"] == 2
    assert found["published_total{type=concern.routed.v1}"] == 30
    assert found["confirmed_total{type=concern.routed.v1}"] == 30
    assert found["nacked_total"] == found["unroutable_private"] == found["waiting"] == 0
    assert found["parked_messages"] == 2
    assert found["outbox_oldest_seconds"] == 0
    assert found["batch_size_count"] >= 1
    assert found["batch_size_sum"] >= 30 + 5 + 2
    assert found["handling_seconds_count"] >= found["batch_size_count"]
    assert 0 < found["handling_seconds_sum"] < 30
    assert found["connected{connection=consumer}"] == found["connected{connection=relay}"] == 1
    assert probe.ask("/ledger") == {"outbox": 0, "waiting": 0, "parked": 2, "handled": 30}


def test_the_inbox_forgets_what_is_older_than_its_retention(stage: Stage, databases: str) -> None:
    events = [submitted(f"c{number}") for number in range(10)]
    stage.publish(*events)
    probe, ledger = stage.probe(databases).start(), Ledger(databases)
    eventually(ledger.counter("inbox"), 10)
    month = 30 * 24 * 3600
    for event, age in zip(events[:4], (month + 60, month + 60, month - 60, month - 60), strict=True):
        ledger.run("UPDATE inbox SET seen_at = seen_at - :age WHERE event_id = :id", age=age, id=event.id)
    assert probe.ask("/forget") == 2
    left = {row.event_id for row in ledger.rows("SELECT event_id FROM inbox")}
    assert left == {event.id for event in events[2:]}
