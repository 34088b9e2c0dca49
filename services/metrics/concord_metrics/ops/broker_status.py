"""Broker status from the responses of RabbitMQ's management API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from concord_bus.topology.declarations import SERVICES


@dataclass(frozen=True, slots=True)
class Broker:
    """`problems` holds sentences, none for a healthy broker. `queues` holds the number of messages for each service.

    `log` is the number of messages in the stream for replays. It is None without a stream, without the API, or before
    the API has counted them.
    """

    problems: Sequence[str] = ()
    version: str | None = None
    nodes: int | None = None
    queues: Mapping[str, int] = field(default_factory=dict)
    log: int | None = None


def broker_from_responses(
    nodes: Sequence[Mapping[str, Any]], queues: Sequence[Mapping[str, Any]], log: int | None, version: str | None
) -> Broker:
    """The status from `/api/nodes`, `/api/queues` and `/api/overview`, and the number of messages in the stream."""
    lengths = {str(queue["name"]): int(queue.get("messages") or 0) for queue in queues}
    return Broker(
        problems=[problem for node in nodes for problem in _problems(node)],
        version=version,
        nodes=sum(bool(node.get("running")) for node in nodes),
        queues={name: sum(lengths.get(queue, 0) for queue in _names(name)) for name in SERVICES},
        log=log,
    )


def _names(service: str) -> list[str]:
    declaration = SERVICES[service]
    return [*(queue.name for queue in declaration.queues), declaration.dead]


def _problems(node: Mapping[str, Any]) -> list[str]:
    name = str(node.get("name", "a node"))
    problems = [] if node.get("running") else [f"{name} does not run"]
    if node.get("mem_alarm"):
        problems.append(f"{name} is short of memory and takes no messages")
    if node.get("disk_free_alarm"):
        problems.append(f"{name} is short of disk and takes no messages")
    if node.get("partitions"):
        problems.append(f"{name} is cut off from {', '.join(map(str, node['partitions']))}")
    return problems
