"""What a subscriber takes up: messages in its queues, their rates, its connections. Pure."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from concord_bus.topology import Subscriber
from concord_cli.subscriber.output import state, table

Rows = Sequence[Mapping[str, Any]]
STREAM = "stream"


def usage_of(subscriber: Subscriber, queues: Rows, connections: Rows) -> dict[str, Any]:
    """`queues` and `connections` as the management API lists them, which it counts every few seconds.

    `last_seen` is now for one that is connected; else when the broker last handed it a message, as far as the broker
    remembers; else None.
    """
    return {
        "name": subscriber.grant.name,
        "state": state(subscriber),
        "queues": [_queue(each, subscriber.grant.limits.messages) for each in queues],
        "connections": [
            {"from": each.get("peer_host"), "since": _moment(each.get("connected_at")), "state": each.get("state")}
            for each in connections
        ],
        "connections_allowed": 0 if subscriber.suspended else subscriber.grant.limits.connections,
    }


def as_lines(usage: Mapping[str, Any]) -> str:
    rows = [("QUEUE", "WAITING", "IN HAND", "IN/S", "OUT/S", "FULL", "READERS")]
    rows += [
        (
            each["name"],
            f"{each['waiting']:,}",
            f"{each['in_hand']:,}",
            f"{each['in_per_second']:,.1f}",
            f"{each['out_per_second']:,.1f}",
            "-" if each["full_percent"] is None else f"{each['full_percent']} %",
            str(each["readers"]),
        )
        for each in usage["queues"]
    ]
    links = [f"connected from {each['from']} since {each['since']}" for each in usage["connections"]]
    head = f"{usage['name']}: {usage['state']}, {len(links)} of {usage['connections_allowed']} connections"
    seen = usage.get("last_seen") or "not within what the broker remembers"
    return "\n".join([head, *links, f"last seen: {seen}", table(rows)])


def last_handed_out(samples: Rows) -> str | None:
    """From the management API's samples of messages handed out, which rise: the last moment at which they did."""
    rising = sorted(samples, key=lambda each: int(each["timestamp"]))
    moments = [later["timestamp"] for earlier, later in pairwise(rising) if later["sample"] > earlier["sample"]]
    return _moment(moments[-1]) if moments else None


def _queue(row: Mapping[str, Any], most: int) -> dict[str, Any]:
    stats = row.get("message_stats") or {}
    stream = row.get("type") == STREAM
    waiting = int(row.get("messages_ready") or 0)
    return {
        "name": row["name"],
        "waiting": waiting,
        "in_hand": int(row.get("messages_unacknowledged") or 0),
        "in_per_second": _rate(stats, "publish"),
        "out_per_second": _rate(stats, "deliver_get"),
        "full_percent": None if stream else round(100 * waiting / most),
        "readers": int(row.get("consumers") or 0),
    }


def _rate(stats: Mapping[str, Any], what: str) -> float:
    return float((stats.get(f"{what}_details") or {}).get("rate") or 0.0)


def _moment(milliseconds: Any) -> str | None:
    if not milliseconds:
        return None
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC).isoformat(timespec="seconds")
