"""Judging the broker itself: version, nodes, alarms, partitions, disk. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from concord_cli.doctor.findings import Finding, ok, problem, warning

ABOUT = "broker"
OLDEST = (3, 10)
"""Streams, quorum queues and their at-least-once dead-lettering."""
NEAR = 2.0
"""Free disk below this many times the broker's own limit is near it."""


def judge_broker(overview: Mapping[str, Any], nodes: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """`overview` and `nodes` as the management API gives them."""
    yield _version(str(overview.get("rabbitmq_version", "")))
    bad = [finding for node in nodes for finding in _node(node)]
    yield from bad
    if not bad:
        yield ok(ABOUT, f"{len(nodes)} node{'s' * (len(nodes) != 1)} running, no alarm, no partition")


def _version(version: str) -> Finding:
    parts = re.match(r"(\d+)\.(\d+)", version)
    if not parts:
        return warning(ABOUT, "the broker does not tell its version", "Is this RabbitMQ's management API?")
    if (int(parts[1]), int(parts[2])) < OLDEST:
        return problem(ABOUT, f"RabbitMQ {version} is too old", "Upgrade it to 3.10 or newer.")
    return ok(ABOUT, f"RabbitMQ {version}")


def _node(node: Mapping[str, Any]) -> Iterator[Finding]:
    name = str(node.get("name", "?"))
    if not node.get("running", False):
        yield problem(ABOUT, f"the node {name} does not run", "Start it; queues keep working on the other nodes.")
        return
    if node.get("partitions"):
        others = ", ".join(map(str, node["partitions"]))
        yield problem(ABOUT, f"{name} is cut off from {others}", "Mend the network, then restart the smaller side.")
    if node.get("mem_alarm"):
        yield problem(
            ABOUT,
            f"memory alarm on {name}: it takes no messages",
            "Let queues drain (see their consumers) or give it more memory; services keep messages in their outbox.",
        )
    yield from _disk(name, node)


def _disk(name: str, node: Mapping[str, Any]) -> Iterator[Finding]:
    if node.get("disk_free_alarm"):
        yield problem(ABOUT, f"disk alarm on {name}: it takes no messages", "Free disk space on the broker's machine.")
        return
    free, limit = node.get("disk_free"), node.get("disk_free_limit")
    if isinstance(free, int) and isinstance(limit, int) and free < NEAR * limit:
        yield warning(ABOUT, f"{name} has {free / 2**20:,.0f} MiB of disk left", "Free disk space before it stops.")
