"""A grant as the broker's own rules: queues, bindings, policies, permissions. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from concord_bus.topology.definitions import policy
from concord_bus.topology.grants import NEVER, Grant
from concord_contracts.catalogue import PRIVATE_EXCHANGE, PUBLIC_EXCHANGE

TAG = "concord_subscriber"
"""Marks a login as one of those made here. It gives no right to the management API."""
DAY_MS = 24 * 3600 * 1000
REPLAY_BYTES = 5_000_000_000
SEGMENT_BYTES = 5_000_000
"""A stream forgets whole segments only: small ones, so that a narrow grant does not keep events for years."""


def policy_name(name: str) -> str:
    return f"concord-sub-{name}"


def replay_policy_name(name: str) -> str:
    return f"concord-sub-{name}-replay"


def copies_exchange(name: str) -> str:
    """Where copies of the past are sent for a subscriber, so that they keep their routing keys.

    It is there while a replay runs. The client knows copies by its name.
    """
    return f"concord.again.{name}"


def queues_document(grant: Grant, vhost: str) -> dict[str, Any]:
    """Definitions of the subscriber's queues, bound to what is granted."""
    return {
        "queues": [_queue(queue, {"x-queue-type": "quorum"}, vhost) for queue in grant.queue_names],
        "bindings": [binding for queue in grant.queue_names for binding in _bindings(grant, queue, vhost)],
    }


def stream_document(grant: Grant, vhost: str) -> dict[str, Any]:
    """Definitions of the subscriber's own log of the past, not bound yet: what is older is put in first."""
    arguments = {"x-queue-type": "stream", "x-stream-max-segment-size-bytes": SEGMENT_BYTES}
    return {
        "queues": [_queue(grant.replay_stream, arguments, vhost)],
        "policies": [replay_policy(grant, vhost)],
    }


def stream_bindings(grant: Grant, vhost: str) -> dict[str, Any]:
    """Definitions that bind it to what is granted."""
    return {"bindings": _bindings(grant, grant.replay_stream, vhost)}


def replay_policy(grant: Grant, vhost: str) -> dict[str, Any]:
    definition = {"max-age": f"{grant.replay_days}D", "max-length-bytes": REPLAY_BYTES}
    return policy(replay_policy_name(grant.name), f"^{re.escape(grant.replay_stream)}$", definition, vhost)


def operator_policy(grant: Grant) -> dict[str, Any]:
    """No argument of a queue and no other policy can go above these."""
    limits = grant.limits
    return {
        "pattern": f"^({'|'.join(map(re.escape, grant.queue_names))})$",
        "apply-to": "queues",
        "priority": 1,
        "definition": {
            "max-length": limits.messages,
            "max-length-bytes": limits.bytes,
            "message-ttl": limits.days * DAY_MS,
        },
    }


def permission(grant: Grant) -> dict[str, str]:
    """It may read its queues and bind them to the public exchange; neither make nor delete anything.

    Binding needs the right to write to the queue. There is no exchange of such a name to publish to.
    """
    own = re.escape(grant.prefix)
    return {"configure": NEVER, "write": f"^{own}", "read": f"^({own}.*|{re.escape(PUBLIC_EXCHANGE)})$"}


def topic_permissions(grant: Grant) -> list[dict[str, str]]:
    """Without the first one everything could be bound."""
    return [
        {"exchange": PUBLIC_EXCHANGE, "write": NEVER, "read": grant.topic_pattern},
        {"exchange": PRIVATE_EXCHANGE, "write": NEVER, "read": NEVER},
    ]


def user_limits(grant: Grant, *, suspended: bool = False) -> Mapping[str, int]:
    """A suspended login may open no connection; its queues go on collecting within their limits."""
    connections = 0 if suspended else grant.limits.connections
    return {"max-connections": connections, "max-channels": grant.limits.channels}


def _bindings(grant: Grant, queue: str, vhost: str) -> list[dict[str, Any]]:
    target = {"vhost": vhost, "destination": queue, "destination_type": "queue", "arguments": {}}
    return [{"source": PUBLIC_EXCHANGE, "routing_key": key, **target} for key in grant.keys]


def _queue(name: str, arguments: Mapping[str, Any], vhost: str) -> dict[str, Any]:
    return {"name": name, "vhost": vhost, "durable": True, "auto_delete": False, "arguments": dict(arguments)}
