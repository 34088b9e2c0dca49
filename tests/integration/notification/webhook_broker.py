"""What of the broker's bindings a test of webhooks looks at, and an event that only webhooks need."""

from datetime import timedelta
from typing import Any
from urllib.parse import quote

from notice_events import START

from concord_bus.topology.declarations import WEBHOOKS
from concord_contracts import Event, new_event
from concord_contracts.messages import Promised, PromiseKept, PromiseMade
from concord_nodes import RabbitNode

MADE, KEPT = "promise.made.v1", "promise.kept.v1"


def bound(node: RabbitNode, vhost: str) -> set[str]:
    """The types that reach the queue of webhooks."""
    path = f"/api/queues/{quote(vhost, safe='')}/{WEBHOOKS.name}/bindings"
    return {
        each["routing_key"].removesuffix(".#")
        for each in node.management.call("GET", path)
        if each["source"] == WEBHOOKS.exchange
    }


def bind_all(node: RabbitNode, vhost: str) -> None:
    """As versions before declared it."""
    path = f"/api/bindings/{quote(vhost, safe='')}/e/{WEBHOOKS.exchange}/q/{WEBHOOKS.name}"
    for each in WEBHOOKS.at_will:
        node.management.call("POST", path, {"routing_key": f"{each}.#"})


def promise_made(concern: str) -> Event[PromiseMade]:
    promised = Promised(promise_id=f"promise-{concern}", promise="response", due_at=START + timedelta(days=1))
    data = PromiseMade(**_about(concern), origin="rules", made_at=START, promises=(promised,))
    return new_event(data, sequence=2, time=START)


def promise_kept(concern: str) -> Event[PromiseKept]:
    data = PromiseKept(
        **_about(concern),
        promise_id=f"promise-{concern}",
        promise="response",
        kept_at=START,
        due_at=START + timedelta(days=1),
    )
    return new_event(data, sequence=3, time=START)


def _about(concern: str) -> dict[str, Any]:
    return {
        "concern_id": concern,
        "case_id": f"case-{concern}",
        "category": "noise",
        "area": "D4",
        "team": "d4",
        "channel": "web",
    }
