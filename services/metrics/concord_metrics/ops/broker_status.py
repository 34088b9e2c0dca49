"""The broker's state: from its management API where there is a login for it, else from the services' connections."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from concord_bus.topology import SERVICES


@dataclass(frozen=True, slots=True)
class Broker:
    """`problems` are sentences, none when all is well. `queues` gives the messages that wait for each service.

    `log` is the number of messages in the log that is kept for replay; None where the API was not asked or has not
    counted yet, or where there is no log.
    """

    problems: Sequence[str] = ()
    version: str | None = None
    nodes: int | None = None
    queues: Mapping[str, int] = field(default_factory=dict)
    log: int | None = None


def judge(
    nodes: Sequence[Mapping[str, Any]], queues: Sequence[Mapping[str, Any]], log: int | None, version: str | None
) -> Broker:
    """From the answers of `/api/nodes`, `/api/queues` and `/api/overview`, and the length of the log."""
    lengths = {str(each["name"]): int(each.get("messages") or 0) for each in queues}
    return Broker(
        problems=[problem for each in nodes for problem in _problems(each)],
        version=version,
        nodes=sum(bool(each.get("running")) for each in nodes),
        queues={name: sum(lengths.get(queue, 0) for queue in _names(name)) for name in SERVICES},
        log=log,
    )


def _names(service: str) -> list[str]:
    declared = SERVICES[service]
    return [*(queue.name for queue in declared.queues), declared.dead]


def _problems(node: Mapping[str, Any]) -> list[str]:
    name = str(node.get("name", "a node"))
    found = [] if node.get("running") else [f"{name} does not run"]
    if node.get("mem_alarm"):
        found.append(f"{name} is short of memory and takes no messages")
    if node.get("disk_free_alarm"):
        found.append(f"{name} is short of disk and takes no messages")
    if node.get("partitions"):
        found.append(f"{name} is cut off from {', '.join(map(str, node['partitions']))}")
    return found
