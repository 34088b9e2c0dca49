"""What the broker itself gave up on ends parked with its service, with the broker's reason."""

from urllib.parse import quote

from bus_broker import channel
from bus_messages import message, submitted
from bus_stage import Ledger, Stage
from bus_waiting import eventually
from orjson import loads

from concord_bus.topology.definitions import definitions


def test_a_message_over_the_delivery_limit_is_parked_and_says_so(stage: Stage, databases: str) -> None:
    limit_deliveries(stage, 1)
    event = submitted("c1")
    body = message(stage.codec, event).body
    stage.publish(event)
    give_back(stage, "routing.submitted", body)
    eventually(lambda: stage.depth("routing.dead"), 1)
    good = submitted("c1", sequence=2)
    stage.publish(good)
    probe, ledger = stage.probe(databases).start(), Ledger(databases)
    eventually(ledger.counter("parked"), 1)
    eventually(ledger.effects, [good.id])
    row = ledger.parked()[0]
    assert row.reason == "dead-lettered by the broker: delivery_limit (queue routing.submitted)"
    assert (row.queue, loads(row.body)["id"]) == ("routing.dead", event.id)
    assert stage.left_over(probe) == 0


def limit_deliveries(stage: Stage, limit: int) -> None:
    """As the declared policy says, but with another delivery limit."""
    declared = next(
        policy for policy in definitions({}, stage.vhost)["policies"] if policy["name"] == "concord-routing"
    )
    changed = {
        "pattern": declared["pattern"],
        "apply-to": declared["apply-to"],
        "priority": 50,
        "definition": {**declared["definition"], "delivery-limit": limit},
    }
    stage.node.management.call("PUT", f"/api/policies/{quote(stage.vhost)}/impatient", changed)


def give_back(stage: Stage, queue: str, body: bytes) -> None:
    """Take the message and give it back until the broker keeps it."""
    with channel(stage.url) as opened:
        for _ in range(10):
            method, _, taken = opened.basic_get(queue)
            if method is None:
                return
            assert loads(taken)["id"] == loads(body)["id"]
            opened.basic_nack(method.delivery_tag, requeue=True)
    raise AssertionError("the broker hands the message out for ever")
