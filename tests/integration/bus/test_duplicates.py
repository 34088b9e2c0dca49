"""A message that comes twice takes effect once, however it comes to be delivered twice."""

import random

from bus_broker import fetch_all
from bus_messages import submitted
from bus_stage import Ledger, Stage, ids
from bus_waiting import eventually


def test_the_same_event_twice_in_one_batch_and_again_later_has_one_effect(stage: Stage, databases: str) -> None:
    events = [submitted(f"c{number % 40}", sequence=number + 1) for number in range(120)]
    twice = [*events, *events]
    random.Random(7).shuffle(twice)
    stage.publish(*twice)
    probe, ledger = stage.probe(databases).start(), Ledger(databases)
    eventually(ledger.counter("effects"), len(events))
    stage.publish(*events[:30])
    eventually(lambda: probe.metrics()["duplicates_suppressed_total"], 150.0)
    assert sorted(ledger.effects()) == sorted(ids(events))
    eventually(ledger.counter("outbox"), 0)
    assert stage.left_over(probe) == 0
    assert len(fetch_all(stage.url, "metrics.events")) == len(events)


def test_a_process_killed_between_commit_and_acknowledgement_causes_no_second_effect(
    stage: Stage, databases: str
) -> None:
    events = [submitted(f"c{number}") for number in range(50)]
    last_words = submitted("c-last", do="die before ack")
    stage.publish(*events, last_words)
    probe, ledger = stage.probe(databases).launch(), Ledger(databases)
    eventually(lambda: probe.alive, False, 30)
    assert last_words.id in ledger.effects()
    marker = submitted("c-after")
    stage.publish(marker)
    probe.start()
    eventually(lambda: ledger.effects()[-1], marker.id)
    assert sorted(ledger.effects()) == sorted(ids([*events, last_words, marker]))
    assert probe.metrics()["duplicates_suppressed_total"] >= 1
    assert stage.left_over(probe) == 0
    assert ledger.parked() == []
