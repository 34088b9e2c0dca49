"""A subscriber's queue lengths, message rates and connections. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from concord_bus.topology.subscriber_admin import Subscriber
from concord_cli.common.terminal_text import table
from concord_cli.subscriber.output import state

Rows = Sequence[Mapping[str, Any]]
STREAM = "stream"


def usage_of(subscriber: Subscriber, queues: Rows, connections: Rows) -> dict[str, Any]:
    """Return the usage, from `queues` and `connections` as the management API lists them."""
    limits = subscriber.grant.limits
    return {
        "name": subscriber.grant.name,
        "state": state(subscriber),
        "queues": [_queue(queue, limits.messages) for queue in queues],
        "connections": [
            {
                "from": connection.get("peer_host"),
                "since": _time(connection.get("connected_at")),
                "state": connection.get("state"),
            }
            for connection in connections
        ],
        "connections_allowed": 0 if subscriber.suspended else limits.connections,
    }


def to_text(usage: Mapping[str, Any]) -> str:
    rows = [("QUEUE", "READY", "UNACKED", "IN/S", "OUT/S", "FULL", "CONSUMERS")]
    rows += [
        (
            queue["name"],
            f"{queue['waiting']:,}",
            f"{queue['in_hand']:,}",
            f"{queue['in_per_second']:,.1f}",
            f"{queue['out_per_second']:,.1f}",
            "-" if queue["full_percent"] is None else f"{queue['full_percent']} %",
            str(queue["readers"]),
        )
        for queue in usage["queues"]
    ]
    connections = usage["connections"]
    lines = [f"connected from {connection['from']} since {connection['since']}" for connection in connections]
    head = f"{usage['name']}: {usage['state']}, {len(connections)} of {usage['connections_allowed']} connections"
    last_seen = usage.get("last_seen") or "unknown to the broker"
    return "\n".join([head, *lines, f"last seen: {last_seen}", table(rows)])


def last_delivery(samples: Rows) -> str | None:
    """Return the last time at which the management API's counter of deliveries rose."""
    ordered = sorted(samples, key=lambda sample: int(sample["timestamp"]))
    times = [later["timestamp"] for earlier, later in pairwise(ordered) if later["sample"] > earlier["sample"]]
    return _time(times[-1]) if times else None


def _queue(row: Mapping[str, Any], length: int) -> dict[str, Any]:
    """Return the usage of one queue with at most `length` messages. A stream has no such limit."""
    stats = row.get("message_stats") or {}
    ready = int(row.get("messages_ready") or 0)
    return {
        "name": row["name"],
        "waiting": ready,
        "in_hand": int(row.get("messages_unacknowledged") or 0),
        "in_per_second": _rate(stats, "publish"),
        "out_per_second": _rate(stats, "deliver_get"),
        "full_percent": None if row.get("type") == STREAM else round(100 * ready / length),
        "readers": int(row.get("consumers") or 0),
    }


def _rate(stats: Mapping[str, Any], name: str) -> float:
    return float((stats.get(f"{name}_details") or {}).get("rate") or 0.0)


def _time(milliseconds: Any) -> str | None:
    if not milliseconds:
        return None
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC).isoformat(timespec="seconds")
