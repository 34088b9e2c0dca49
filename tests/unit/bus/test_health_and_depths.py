"""Readiness names every reason against it; depths are read when they are asked for."""

from prometheus_client import CollectorRegistry

from concord_bus.domain.stored_messages import Depths
from concord_bus.health import ConnectionState, health
from concord_bus.metrics import DepthCollector, Instruments

from .stage import AT, Stage, delivery, unroutable


def test_a_service_without_reasons_against_it_is_ready() -> None:
    assert health([lambda: None, lambda: None]) == []
    assert health([]) == []


def test_every_reason_is_named() -> None:
    found = health([lambda: "the relay is down", lambda: None, lambda: "the consumer is down"])
    assert found == ["the relay is down", "the consumer is down"]


def test_a_check_that_fails_is_a_reason_and_hides_no_other() -> None:
    def broken() -> str | None:
        raise OSError("reporter@example.org")

    found = health([broken, lambda: "the relay is down"])
    assert found == ["a check failed: OSError", "the relay is down"]


def test_a_connection_is_not_up_before_it_was_made() -> None:
    registry = CollectorRegistry()
    state = ConnectionState("relay", Instruments(registry))
    connected = ("concord_bus_connected", {"connection": "relay"})
    assert state.problem == "is not connected yet"
    state.up()
    assert state.problem is None
    assert registry.get_sample_value(*connected) == 1
    state.down("has no connection to the broker")
    assert state.problem == "has no connection to the broker"
    assert registry.get_sample_value(*connected) == 0


def test_depths_are_what_the_spine_holds() -> None:
    stage = Stage()
    failing = unroutable("c1")
    stage.fail(failing, seconds=100)
    stage.take(delivery(failing), delivery(unroutable("c2")), delivery(unroutable("c3"), body=b"{"))
    with stage.database.begin() as (tx, _):
        depths = tx.depths()
    assert (depths.outbox, depths.waiting, depths.parked) == (1, 1, 1)
    assert depths.oldest_outbox == AT.timestamp()


def collected(depths: Depths, now: float) -> CollectorRegistry:
    registry = CollectorRegistry()
    registry.register(DepthCollector(lambda: depths, lambda: now))
    return registry


def test_the_oldest_message_of_the_outbox_has_an_age() -> None:
    registry = collected(Depths(outbox=2, oldest_outbox=100.0, waiting=3, parked=4, inbox=5), now=107.5)
    assert registry.get_sample_value("concord_bus_outbox_oldest_seconds") == 7.5
    assert registry.get_sample_value("concord_bus_outbox_depth") == 2
    assert registry.get_sample_value("concord_bus_waiting") == 3
    assert registry.get_sample_value("concord_bus_parked_messages") == 4


def test_an_empty_outbox_has_no_age_nor_has_one_from_the_future() -> None:
    empty = Depths(outbox=0, oldest_outbox=None, waiting=0, parked=0, inbox=0)
    future = Depths(outbox=1, oldest_outbox=200.0, waiting=0, parked=0, inbox=0)
    for depths in (empty, future):
        assert collected(depths, now=100.0).get_sample_value("concord_bus_outbox_oldest_seconds") == 0


def test_a_database_that_is_away_does_not_take_the_other_metrics_down() -> None:
    def away() -> Depths:
        raise OSError

    registry = CollectorRegistry()
    Instruments(registry)
    registry.register(DepthCollector(away, lambda: 0.0))
    names = {family.name for family in registry.collect()}
    assert "concord_bus_parked" in names
    assert "concord_bus_outbox_depth" not in names


def test_what_the_pipeline_did_is_counted() -> None:
    registry = CollectorRegistry()
    stage = Stage()
    stage.instruments = Instruments(registry)
    stage.restart()
    fine, failing = unroutable("c1"), unroutable("c2")
    stage.fail(failing, seconds=1)
    stage.take(delivery(fine), delivery(failing), delivery(fine), delivery(unroutable("c3"), body=b"{"))
    stage.take(delivery(fine, redelivered=True))
    stage.pass_time(1)

    def metric(name: str, **labels: str) -> float:
        return registry.get_sample_value(f"concord_bus_{name}", labels) or 0.0

    assert metric("duplicates_suppressed_total") == 2  # once in the batch, once redelivered
    assert metric("consumed_total", type="concern.unroutable.v1") == 4  # three of the one, one of the other
    assert metric("parked_total") == 1
    assert metric("retried_total", type="concern.unroutable.v1") == 1
    assert metric("handling_seconds_count") > 0


def test_labels_of_published_messages_are_bounded_by_the_catalogue() -> None:
    registry = CollectorRegistry()
    instruments = Instruments(registry)
    instruments.published(["concern.routed.v1.A1.noise", "concern.routed.v1.B2.noise", "made.up.v1.A1.noise"])
    assert registry.get_sample_value("concord_bus_published_total", {"type": "concern.routed.v1"}) == 2
    assert registry.get_sample_value("concord_bus_published_total", {"type": "other"}) == 1
