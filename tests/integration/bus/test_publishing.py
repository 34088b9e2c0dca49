"""What the broker refuses is sent again; what no queue takes in private is an alarm."""

from urllib.parse import quote

from bus_broker import channel, fetch_all
from bus_stage import Ledger, Stage
from bus_waiting import eventually
from orjson import loads


def test_a_refused_message_is_sent_again_until_it_is_taken(stage: Stage) -> None:
    full = f"/api/policies/{quote(stage.vhost)}/full"
    limit = {"pattern": "^tight$", "definition": {"max-length": 5, "overflow": "reject-publish"}, "priority": 9}
    stage.node.management.call("PUT", full, limit)
    with channel(stage.url) as administrator:
        administrator.queue_declare("tight", durable=True)
        administrator.queue_bind("tight", "concord.events", "concern.received.v1.#")
    probe = stage.probe(service="intake").start()
    ledger = Ledger(probe.database)
    published = probe.publish("received", "c", 50)
    eventually(lambda: probe.metrics()["nacked_total"], lambda count: count >= 45)
    assert ledger.count("outbox") >= 40
    stage.node.management.call("DELETE", full)
    eventually(ledger.counter("outbox"), 0)
    assert {loads(body)["id"] for body in fetch_all(stage.url, "tight")} == set(published)
    assert probe.metrics()["confirmed_total{type=concern.received.v1}"] == 50


def test_a_private_message_that_no_queue_takes_is_kept_and_retried_and_raises_the_alert_metric(stage: Stage) -> None:
    key = "concern.submitted.v1.#"
    with channel(stage.url) as administrator:
        administrator.queue_unbind("routing.submitted", "concord.private", key)
    probe = stage.probe(service="intake").start()
    ledger = Ledger(probe.database)
    published = probe.publish("submitted", "c", 1)
    eventually(lambda: probe.metrics()["unroutable_private"], 1.0)
    found = probe.metrics()
    assert found["outbox_depth"] == ledger.count("outbox") == 1
    assert found["outbox_oldest_seconds"] > 0
    probe.publish("received", "others-pass-by", 5)
    eventually(ledger.counter("outbox"), 1)
    eventually(lambda: probe.metrics()["returned_total{exchange=concord.private}"], lambda count: count >= 2)
    assert ledger.count("outbox") == 1
    with channel(stage.url) as administrator:
        administrator.queue_bind("routing.submitted", "concord.private", key)
    eventually(ledger.counter("outbox"), 0)
    eventually(lambda: probe.metrics()["unroutable_private"], 0.0)
    assert [loads(body)["id"] for body in fetch_all(stage.url, "routing.submitted")] == published
