"""A message that ends the process is found, alone, and parked; no innocent goes with it."""

import time
from collections.abc import Callable
from pathlib import Path

from bus_broker import fetch_all
from bus_messages import submitted
from bus_probe import ProbeProcess
from bus_stage import PROMPT, Ledger, Stage, ids
from orjson import loads


def supervise(probe: ProbeProcess, done: Callable[[], bool], *, most: int, seconds: float) -> int:
    """Start the probe again whenever it has died, `most` times, until `done`; how often that was."""
    deadline = time.monotonic() + seconds
    restarts = 0
    while not done():
        if not probe.alive:
            restarts += 1
            assert restarts <= most, probe.log[-3000:]
            probe.launch()
        assert time.monotonic() < deadline, probe.log[-3000:]
        time.sleep(0.05)
    return restarts


def test_three_killers_among_5000_are_parked_and_4997_take_effect_once(stage: Stage) -> None:
    events = [submitted(f"c{number}") for number in range(4997)]
    killers = [submitted(f"c-killer-{number}", do="kill") for number in range(3)]
    everything = list(events)
    for place, killer in zip((700, 1100, 4000), killers, strict=True):
        everything.insert(place, killer)
    stage.publish(*everything)
    crashes = 2
    probe = stage.probe(policy={**PROMPT, "max_crashes": crashes}, CONCORD_BATCH="100").launch()
    ledger = Ledger(probe.database)
    probe.await_ready()

    def done() -> bool:
        return ledger.count("parked") >= 3 and ledger.count("effects") >= 4997 and ledger.count("outbox") == 0

    restarts = supervise(probe, done, most=3 * (crashes + 3), seconds=300)
    assert restarts >= crashes + 1
    parked = ledger.parked()
    assert sorted(loads(row.body)["id"] for row in parked) == sorted(ids(killers))
    assert {row.reason for row in parked} == {"the process ended 2 times while handling it"}
    assert sorted(ledger.effects()) == sorted(ids(events))
    assert stage.left_over(probe) == 0
    told = {loads(body)["causationid"] for body in fetch_all(stage.url, "metrics.events")}
    assert told == set(ids(events))


def test_a_message_that_first_raises_and_then_kills_is_parked_too(stage: Stage, tmp_path: Path) -> None:
    event = submitted("c1", do="raise then kill", mark=str(tmp_path / "raised"))
    behind, other = submitted("c1", sequence=2), submitted("c2")
    stage.publish(event, behind, other)
    probe = stage.probe(policy={**PROMPT, "max_attempts": 3}).launch()
    ledger = Ledger(probe.database)
    probe.await_ready()
    supervise(probe, lambda: ledger.count("effects") == 2, most=3, seconds=60)
    assert [row.event_id or loads(row.body)["id"] for row in ledger.parked()] == [event.id]
    assert ledger.parked()[0].reason == "the process ended during the last of 3 attempts"
    assert sorted(ledger.effects()) == sorted(ids([behind, other]))
