"""With the broker stopped, frozen or under an alarm services stay up, say so, keep what they get, and go on after."""

import os
import time
from collections.abc import Iterator

import pytest
from bus_probe import ProbeProcess
from bus_stage import Ledger, Stage
from bus_waiting import eventually

OUTAGE_SECONDS = 60.0 if os.environ.get("CONCORD_LONG") else 10.0
QUICK = 3.0


class Couple:
    """Intake publishes to routing, whose answers come back to intake."""

    def __init__(self, stage: Stage) -> None:
        self.intake = stage.probe(service="intake").launch()
        self.routing = stage.probe(service="routing").launch()
        self.intake_ledger = Ledger(self.intake.database)
        self.routing_ledger = Ledger(self.routing.database)
        self._published: list[str] = []
        for probe in self.both:
            probe.await_ready()

    @property
    def both(self) -> tuple[ProbeProcess, ProbeProcess]:
        return self.intake, self.routing

    def publish(self, count: int) -> None:
        """Have intake take on work; it must answer quickly, whatever the broker does."""
        began = time.monotonic()
        self._published += self.intake.publish("submitted", f"c{len(self._published)}", count)
        assert time.monotonic() - began < QUICK

    def await_all(self, seconds: float = 40.0) -> None:
        """Everything published has taken effect once at routing, and its answer once at intake."""
        eventually(lambda: sorted(self.routing_ledger.effects()), sorted(self._published), seconds)
        eventually(self.intake_ledger.counter("effects"), len(self._published), seconds)
        for ledger in (self.routing_ledger, self.intake_ledger):
            assert len(set(ledger.effects())) == len(self._published)
            eventually(ledger.counter("outbox"), 0)
            assert ledger.parked() == []


@pytest.fixture
def couple(ailing_stage: Stage) -> Iterator[Couple]:
    made = Couple(ailing_stage)
    made.publish(20)
    made.await_all()
    yield made
    assert all(probe.alive for probe in made.both), "no service may have died"


def saying(word: str) -> object:
    return lambda reasons: any(word in reason for reason in reasons)


def test_a_stopped_broker_stops_no_service_and_loses_nothing(ailing_stage: Stage, couple: Couple) -> None:
    began = time.monotonic()
    ailing_stage.node.stop()
    for probe in couple.both:
        eventually(probe.reasons, lambda reasons: len(reasons) == 2)
        assert all("has no connection to the broker" in reason for reason in probe.reasons())
    back_at = time.monotonic() + OUTAGE_SECONDS
    while time.monotonic() < back_at:
        couple.publish(10)
        assert len(couple.intake.reasons()) == len(couple.routing.reasons()) == 2
        time.sleep(0.5)
    assert couple.intake.ask("/ledger")["outbox"] == couple.intake.metrics()["outbox_depth"] >= 100
    assert couple.intake.metrics()["outbox_oldest_seconds"] > OUTAGE_SECONDS / 2
    ailing_stage.node.start()
    for probe in couple.both:
        probe.await_ready()
        assert probe.log.count("interrupted") < 10 + 2 * (time.monotonic() - began)
    couple.await_all()


def test_a_frozen_broker_is_noticed_and_nothing_is_lost_when_it_goes_on(ailing_stage: Stage, couple: Couple) -> None:
    ailing_stage.node.freeze()
    couple.publish(200)
    eventually(couple.intake.reasons, saying("the relay"), 15)
    couple.publish(200)
    ailing_stage.node.thaw()
    for probe in couple.both:
        probe.await_ready()
    couple.await_all()


def test_a_broker_killed_at_work_loses_nothing(ailing_stage: Stage, couple: Couple) -> None:
    couple.publish(1500)
    eventually(couple.routing_ledger.counter("effects"), lambda count: count > 100)
    ailing_stage.node.kill()
    couple.publish(100)
    ailing_stage.node.start()
    couple.await_all()
    for probe in couple.both:
        assert probe.log.count("relay interrupted") < 30, "it must not wear out a broker that is coming back"


def test_under_a_memory_alarm_work_is_taken_on_and_goes_out_afterwards(ailing_stage: Stage, couple: Couple) -> None:
    ailing_stage.node.memory_alarm(True)
    try:
        couple.publish(200)
        eventually(couple.intake.reasons, saying("memory or disk alarm"), 15)
        couple.publish(200)
        assert couple.intake.ask("/ledger")["outbox"] >= 200
    finally:
        ailing_stage.node.memory_alarm(False)
    for probe in couple.both:
        probe.await_ready()
    couple.await_all()
