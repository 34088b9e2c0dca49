"""What the broker refuses is named and tried again; the rest passes, and nothing multiplies in the log."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from bus_broker import channel
from bus_probe import ProbeProcess
from bus_stage import Ledger, Stage
from bus_waiting import eventually
from orjson import loads

from concord_bus.adapters.amqp.stream_reader import StreamReader
from concord_bus.settings import BrokerAddress
from concord_bus.topology.definitions import definitions

LIMIT = 1000
"""Bytes: more than an event of the probe without text has, and less than one with text."""
ORDINARY_LIMIT = 134_217_728
FULL_SECONDS = 5.0
"""Long enough for ten copies at the old pace of two a second."""


@contextmanager
def largest_message(stage: Stage, size: int) -> Iterator[None]:
    limit_messages(stage, size)
    try:
        yield
    finally:
        limit_messages(stage, ORDINARY_LIMIT)


def limit_messages(stage: Stage, size: int) -> None:
    set_both = f"application:set_env(rabbit, max_message_size, {size}), persistent_term:put(max_message_size, {size})."
    stage.node.ctl("eval", set_both)


def restore(stage: Stage) -> None:
    """`concord topology apply`."""
    stage.node.management.call("POST", "/api/definitions", definitions(stage.passwords, stage.vhost))


def logged(stage: Stage) -> Counter[str]:
    """How often the log holds each event."""
    reader = StreamReader(BrokerAddress.parse(stage.url), "test", "concord.log")
    try:
        return Counter(loads(body)["id"] for _, body in reader.read("first", quiet=0.5) if body)
    finally:
        reader.close()


def warnings(probe: ProbeProcess) -> list[str]:
    found: dict[str, Any] = probe.ask("/health")
    return list(found["warnings"])


def test_a_message_over_the_broker_s_limit_is_named_and_the_others_pass(stage: Stage) -> None:
    with largest_message(stage, LIMIT):
        probe = stage.probe(service="intake").start()
        ledger = Ledger(probe.database)
        before = probe.publish("received", "before", 20)
        probe.publish("submitted", "large", 1)
        after = probe.publish("received", "after", 20)
        eventually(ledger.counter("outbox"), 1)
        (row,) = ledger.rows("SELECT seq FROM outbox")
        (text,) = eventually(lambda: warnings(probe), lambda found: len(found) == 1)
        assert text.startswith(f"the broker refuses row {row.seq} of the outbox (concern.submitted.v1, ")
        assert "PRECONDITION_FAILED - message size" in text
        assert "raise the broker's max_message_size" in text
        assert f"row {row.seq} " in probe.log
        eventually(lambda: probe.metrics()["refused_total{code=406}"], lambda count: count >= 2)
        assert probe.metrics()["refused_messages"] == 1
        assert probe.reasons() == []
        assert "relay interrupted" not in probe.log
        later = probe.publish("received", "later", 20)
        eventually(ledger.counter("outbox"), 1)
        copies = logged(stage)
        assert set(copies) == {*before, *after, *later}
        assert max(copies[event] for event in later) == 1


def test_a_right_taken_away_holds_what_needs_it_and_nothing_else(stage: Stage) -> None:
    narrowed = {"configure": "^$", "write": r"^concord\.(events|log\.marker)$", "read": "^intake"}
    stage.node.management.call("PUT", f"/api/permissions/{quote(stage.vhost)}/intake", narrowed)
    probe = stage.probe(service="intake").start()
    ledger = Ledger(probe.database)
    probe.publish("submitted", "s", 5)
    public = probe.publish("received", "r", 50)
    eventually(ledger.counter("outbox"), 5)
    (text,) = eventually(lambda: warnings(probe), lambda found: len(found) == 1)
    assert text.startswith("the broker refuses everything on concord.private: ACCESS_REFUSED - ")
    assert "concord topology apply" in text
    assert probe.metrics()["held_destinations{cause=refused}"] == 1
    assert "relay interrupted" not in probe.log
    assert set(logged(stage)) == set(public)
    restore(stage)
    eventually(ledger.counter("outbox"), 0)
    assert stage.depth("routing.submitted") == 5


def test_a_full_queue_puts_no_event_into_the_log_more_than_three_times(stage: Stage) -> None:
    full = f"/api/policies/{quote(stage.vhost)}/full"
    limit = {"pattern": "^metrics.events$", "definition": {"max-length": 1, "overflow": "reject-publish"}}
    stage.node.management.call("PUT", full, {**limit, "priority": 9, "apply-to": "queues"})
    probe = stage.probe(service="intake").start()
    ledger = Ledger(probe.database)
    fillers = probe.publish("received", "filler", 3)
    eventually(ledger.counter("outbox"), 0)
    published = probe.publish("received", "c", 18)
    probe.publish("submitted", "s", 5)
    eventually(lambda: probe.metrics()["nacked_total"], lambda count: count >= 1)
    eventually(lambda: stage.depth("routing.submitted"), 5)
    eventually(lambda: probe.metrics()["outbox_oldest_seconds"], lambda age: age > FULL_SECONDS, FULL_SECONDS + 10)
    copies = logged(stage)
    assert set(copies) == {*fillers, *published}
    assert max(copies.values()) <= 3
    assert sum(copies.values()) <= len(copies) + 5, "one at a time is tried"
    assert "a queue bound for it is full" in warnings(probe)[0]
    assert probe.metrics()["held_destinations{cause=nacked}"] == 1
    stage.node.management.call("DELETE", full)
    eventually(ledger.counter("outbox"), lambda left: left <= 4, 40)


def test_a_relay_that_connects_without_the_log_waits_for_it(stage: Stage) -> None:
    with channel(stage.url) as administrator:
        administrator.queue_delete("concord.log")
    probe = stage.probe(service="intake").launch()
    eventually(lambda: any("waits for the log" in reason for reason in probe.reasons()), True)
    published = probe.publish("received", "c", 20)
    assert probe.metrics().get("published_total{type=concern.received.v1}", 0) == 0
    restore(stage)
    eventually(Ledger(probe.database).counter("outbox"), 0)
    assert logged(stage) == Counter(published)
    assert probe.reasons() == []


def test_a_returned_public_event_stays_until_the_log_is_back(stage: Stage) -> None:
    probe = stage.probe(service="intake").start()
    with channel(stage.url) as administrator:
        for queue in ("metrics.events", "concord.log"):
            administrator.queue_delete(queue)
    published = probe.publish("received", "c", 20)
    eventually(lambda: any("waits for the log" in reason for reason in probe.reasons()), True)
    assert Ledger(probe.database).count("outbox") == 20
    restore(stage)
    eventually(Ledger(probe.database).counter("outbox"), 0)
    assert set(logged(stage)) == set(published)


def test_a_topology_without_the_marker_is_named_with_what_to_do(stage: Stage) -> None:
    with channel(stage.url) as administrator:
        administrator.exchange_delete("concord.log.marker")
    probe = stage.probe(service="intake").launch()
    reasons = eventually(probe.reasons, lambda found: any("waits for the log" in reason for reason in found))
    assert any("concord topology apply" in reason for reason in reasons)
    restore(stage)
    probe.await_ready()
