"""What a look at a service finds, and how looks add up to what the page shows."""

from datetime import UTC, datetime, timedelta

import pytest

from concord_metrics.ops.broker_status import Broker, broker_from_responses
from concord_metrics.ops.bus_counters import BusCounters, Rates, bus_counters, rates_between
from concord_metrics.ops.metrics_parser import from_text
from concord_metrics.ops.service_status import (
    BrokerStatus,
    Probe,
    ServiceStatus,
    after_failure,
    after_response,
    broker_from_api,
    broker_from_services,
    platform_json,
)

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
LATER = NOON + timedelta(seconds=4)
EXPOSED = """
# HELP concord_bus_consumed_total Messages read
# TYPE concord_bus_consumed_total counter
concord_bus_consumed_total{type="concern.received.v1"} 100.0
concord_bus_consumed_total{type="concern.routed.v1"} 20.0
concord_bus_consumed_created{type="concern.routed.v1"} 1.79e9
concord_bus_published_total{type="concern.routed.v1"} 7.0
concord_bus_handling_seconds_bucket{le="0.1"} 4.0
concord_bus_handling_seconds_count 4.0
concord_bus_handling_seconds_sum 0.5
concord_bus_batch_size_sum 120.0
concord_bus_outbox_depth 3.0
concord_bus_outbox_oldest_seconds 1.5
concord_bus_waiting 0.0
concord_bus_parked_messages 2.0
concord_bus_connected{connection="consumer"} 1.0
concord_bus_connected{connection="relay"} 0.0
concord_notification_notices{state="delivered"} 98.0
concord_notification_notices{state="failed"} 2.0
concord_http_requests_total{method="GET",route="/metrics",status="2xx"} 5.0
"""


def test_an_exposition_says_how_the_spine_fares():
    found = bus_counters(from_text(EXPOSED), at=10.0)

    assert (found.read, found.sent, found.handled, found.batches, found.handling) == (120, 7, 120, 4, 0.5)
    assert (found.outbox, found.outbox_age, found.waiting, found.parked) == (3, 1.5, 0, 2)
    assert found.connected == {"consumer"}
    assert found.success == 0.98


def test_what_is_not_exposed_is_unknown_and_not_nought():
    found = bus_counters(from_text("concord_bus_consumed_total 1.0\n"), at=0.0)

    assert (found.outbox, found.waiting, found.parked, found.success) == (None, None, None, None)


def test_text_that_is_no_exposition_is_refused():
    with pytest.raises(ValueError):
        from_text("concord_bus_waiting <html>")


def test_pace_is_what_happened_between_two_looks():
    before = BusCounters(at=10, read=100, sent=50, handled=100, batches=2, handling=0.2)
    now = BusCounters(at=14, read=500, sent=90, handled=500, batches=6, handling=0.6)

    found = rates_between(before, now)

    assert found == Rates(read=100, sent=10, batch=pytest.approx(0.1), message=pytest.approx(0.001))
    idle = rates_between(now, BusCounters(at=18, read=500, sent=90, handled=500, batches=6, handling=0.6))
    assert idle == Rates(0, 0, None, None)


def test_a_process_that_was_started_anew_has_no_pace():
    assert rates_between(BusCounters(at=10, read=100), BusCounters(at=14, read=3)) is None
    assert rates_between(BusCounters(at=10), BusCounters(at=10)) is None


def test_a_state_lasts_since_it_began():
    first = after_response(ServiceStatus("routing"), Probe([], BusCounters(at=1)), NOON)
    still = after_response(first, Probe([], BusCounters(at=5, read=40)), LATER)
    worse = after_response(still, Probe(["the database cannot be reached"], BusCounters(at=9, read=40)), LATER)

    assert (first.state, first.since, first.current) == ("ready", NOON, None)
    assert (still.since, still.seen, still.rates) == (NOON, LATER, (None, 10.0))
    assert (worse.state, worse.since) == ("unready", LATER)


def test_a_service_that_is_away_keeps_its_last_figures_and_has_no_pace_when_it_comes_back():
    there = after_response(ServiceStatus("routing"), Probe([], BusCounters(at=1, parked=2)), NOON)
    gone = after_failure(
        after_failure(there, "connection refused", LATER), "connection refused", LATER + timedelta(seconds=4)
    )
    back = after_response(gone, Probe([], BusCounters(at=99, read=4000)), LATER)

    assert (gone.state, gone.since, gone.seen, gone.reasons) == ("away", LATER, NOON, ("connection refused",))
    assert gone.counters == there.counters
    assert (back.state, back.current) == ("ready", None)


def test_the_broker_as_its_management_api_tells():
    nodes = [
        {"name": "rabbit@a", "running": True, "mem_alarm": True, "partitions": ["rabbit@b"]},
        {"name": "rabbit@b", "running": False},
    ]
    queues = [
        {"name": "routing.submitted", "messages": 7},
        {"name": "routing.dead", "messages": 1},
        {"name": "sub.parks.all", "messages": 50},
        {"name": "concord.log", "messages": 0},
    ]
    found = broker_from_responses(nodes, queues, 900, "4.0.5")

    assert (found.nodes, found.queues["routing"], found.queues["metrics"], found.log) == (1, 8, 0, 900)
    assert found.problems == [
        "rabbit@a is short of memory and takes no messages",
        "rabbit@a is cut off from rabbit@b",
        "rabbit@b does not run",
    ]


def test_without_it_the_broker_is_where_services_are_connected():
    def sight(*connections):
        return after_response(
            ServiceStatus("routing"), Probe([], BusCounters(at=1, connected=frozenset(connections))), NOON
        )

    up = broker_from_services(BrokerStatus(), [sight("consumer")], None, NOON)
    down = broker_from_services(up, [sight()], None, LATER)
    nobody = broker_from_services(up, [ServiceStatus("routing")], None, LATER)
    half = broker_from_services(up, [sight("relay")], "connection refused", LATER)

    assert (up.state, up.reasons) == ("ready", ())
    assert (down.state, down.since) == ("away", LATER)
    assert nobody.state == "unknown"
    assert (half.state, half.reasons) == ("ready", ("management API: connection refused",))


def test_the_page_is_told_of_all_of_them():
    broken = after_response(
        ServiceStatus("routing"), Probe(["the database cannot be reached"], BusCounters(at=1)), NOON
    )
    away = after_failure(ServiceStatus("intake"), "connection refused", NOON)
    broker = broker_from_api(BrokerStatus(), Broker(queues={"routing": 8}, nodes=1), NOON)

    told = platform_json([broken, away], broker, LATER)

    routing, intake = told["services"]
    assert (routing["database"], routing["queue"], routing["parked"]) == ("away", 8, None)
    assert (intake["state"], intake["database"], intake["broker"], intake["queue"]) == ("away", "unknown", None, None)
    assert (told["broker"]["state"], told["at"]) == ("ready", LATER)
