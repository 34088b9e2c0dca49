"""Checks of the broker itself: version, nodes, alarms, partitions, disk. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from concord_cli.common.terminal_text import counted
from concord_cli.doctor.findings import Finding, ok, problem, warning

ABOUT = "broker"
MIN_VERSION = (3, 10)
"""First version with streams, quorum queues and at-least-once dead-lettering."""
DISK_WARNING_FACTOR = 2.0
"""Free disk space below this multiple of the broker's own limit is a warning."""


def check_broker(overview: Mapping[str, Any], nodes: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """Check `overview` and `nodes` of the management API."""
    yield _version(str(overview.get("rabbitmq_version", "")))
    faults = [finding for node in nodes for finding in _node(node)]
    yield from faults
    if not faults:
        yield ok(ABOUT, f"{counted(len(nodes), 'node')} running, no alarm, no partition")


def _version(version: str) -> Finding:
    parts = re.match(r"(\d+)\.(\d+)", version)
    if not parts:
        return warning(ABOUT, "the broker does not report its version", "Is this RabbitMQ's management API?")
    if (int(parts[1]), int(parts[2])) < MIN_VERSION:
        return problem(ABOUT, f"RabbitMQ {version} is too old", "Upgrade it to 3.10 or newer.")
    return ok(ABOUT, f"RabbitMQ {version}")


def _node(node: Mapping[str, Any]) -> Iterator[Finding]:
    name = str(node.get("name", "?"))
    if not node.get("running", False):
        yield problem(ABOUT, f"the node {name} does not run", "Start it; queues keep working on the other nodes.")
        return
    if node.get("partitions"):
        others = ", ".join(map(str, node["partitions"]))
        yield problem(ABOUT, f"{name} is cut off from {others}", "Repair the network, then restart the smaller side.")
    if node.get("mem_alarm"):
        remedy = "Let consumers empty the queues, or add memory; services keep messages in their outbox."
        yield problem(ABOUT, f"memory alarm on {name}: it accepts no messages", remedy)
    yield from _disk(name, node)


def _disk(name: str, node: Mapping[str, Any]) -> Iterator[Finding]:
    free, limit = node.get("disk_free"), node.get("disk_free_limit")
    if node.get("disk_free_alarm"):
        yield problem(ABOUT, f"disk alarm on {name}: it accepts no messages", "Free disk space on its machine.")
    elif isinstance(free, int) and isinstance(limit, int) and free < DISK_WARNING_FACTOR * limit:
        yield warning(ABOUT, f"{name} has {free / 2**20:,.0f} MiB of disk left", "Free disk space before it stops.")
