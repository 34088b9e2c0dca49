"""A grant as the broker's own rules: queues, bindings, policies, permissions. Pure."""

import re
from collections.abc import Mapping
from typing import Any

from concord_bus.topology.definitions import NOTHING, binding_document, policy, queue_document
from concord_bus.topology.grants import Grant
from concord_contracts.catalogue import PRIVATE_EXCHANGE, PUBLIC_EXCHANGE

TAG = "concord_subscriber"
"""Marks the login of a subscriber. It gives no access to the management API."""
DAY_MS = 24 * 3600 * 1000
REPLAY_BYTES = 5_000_000_000
SEGMENT_BYTES = 5_000_000
"""A stream deletes whole segments only. Small ones keep the events of a narrow grant no longer than needed."""


def policy_name(name: str) -> str:
    return f"concord-sub-{name}"


def replay_policy_name(name: str) -> str:
    return f"concord-sub-{name}-replay"


def copies_exchange(name: str) -> str:
    """Return the exchange for copies of a subscriber's past events, which keep their routing keys.

    It exists while a replay runs. The client recognises copies by its name.
    """
    return f"concord.again.{name}"


def queues_document(grant: Grant, vhost: str) -> dict[str, Any]:
    """Return the definitions of the subscriber's queues with the granted bindings."""
    return {
        "queues": [queue_document(queue, {"x-queue-type": "quorum"}, vhost) for queue in grant.queue_names],
        "bindings": [binding for queue in grant.queue_names for binding in _bindings(grant, queue, vhost)],
    }


def stream_document(grant: Grant, vhost: str) -> dict[str, Any]:
    """Return the definitions of the subscriber's own log, without bindings: the past comes first."""
    arguments = {"x-queue-type": "stream", "x-stream-max-segment-size-bytes": SEGMENT_BYTES}
    return {
        "queues": [queue_document(grant.replay_stream, arguments, vhost)],
        "policies": [replay_policy(grant, vhost)],
    }


def stream_bindings(grant: Grant, vhost: str) -> dict[str, Any]:
    """Return the definitions of the granted bindings of its log."""
    return {"bindings": _bindings(grant, grant.replay_stream, vhost)}


def replay_policy(grant: Grant, vhost: str) -> dict[str, Any]:
    definition = {"max-age": f"{grant.replay_days}D", "max-length-bytes": REPLAY_BYTES}
    return policy(replay_policy_name(grant.name), f"^{re.escape(grant.replay_stream)}$", definition, vhost)


def operator_policy(grant: Grant) -> dict[str, Any]:
    """Return limits that no queue argument and no other policy can exceed."""
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
    """Return the permission: it may read its queues and bind them to the public exchange, and configure nothing.

    To bind a queue requires the right to write to it. No exchange has such a name, so there is nothing to publish to.
    """
    own = re.escape(grant.prefix)
    return {"configure": NOTHING, "write": f"^{own}", "read": f"^({own}.*|{re.escape(PUBLIC_EXCHANGE)})$"}


def topic_permissions(grant: Grant) -> list[dict[str, str]]:
    """Return the granted routing keys. Without the first rule the login could bind every key."""
    return [
        {"exchange": PUBLIC_EXCHANGE, "write": NOTHING, "read": grant.topic_pattern},
        {"exchange": PRIVATE_EXCHANGE, "write": NOTHING, "read": NOTHING},
    ]


def user_limits(grant: Grant, *, suspended: bool = False) -> Mapping[str, int]:
    """Return the limits of a login. A suspended one may open no connection; its queues still collect events."""
    connections = 0 if suspended else grant.limits.connections
    return {"max-connections": connections, "max-channels": grant.limits.channels}


def _bindings(grant: Grant, queue: str, vhost: str) -> list[dict[str, Any]]:
    return [binding_document(PUBLIC_EXCHANGE, queue, key, vhost) for key in grant.keys]
