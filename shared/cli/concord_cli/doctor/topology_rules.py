"""Checks of the broker's exchanges, queues, bindings and policies against the declared topology. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from concord_bus.topology.old_bindings import NO_ARGUMENTS, binding_key, old_bindings
from concord_cli.doctor.findings import Finding, ok, problem, warning

ABOUT = "topology"
APPLY = "Run `concord topology apply`."
Rows = Sequence[Mapping[str, Any]]
ByName = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Live:
    """Rows of the management API for the virtual host."""

    exchanges: Rows
    queues: Rows
    bindings: Rows
    policies: Rows


def check_topology(declared: Mapping[str, Any], live: Live) -> Iterator[Finding]:
    """Compare with `declared`, the document of `concord_bus.topology.definitions`."""
    queues = _by_name(live.queues)
    faults = [
        *_exchanges(declared["exchanges"], _by_name(live.exchanges)),
        *_queues(declared["queues"], queues),
        *_bindings(declared, live.bindings),
        *_policies(declared["policies"], _by_name(live.policies)),
        *_policies_in_effect(declared, queues),
    ]
    yield from faults
    if not faults:
        counts = ", ".join(f"{len(declared[part])} {part}" for part in ("exchanges", "queues", "bindings", "policies"))
        yield ok(ABOUT, f"as declared: {counts}")


def _exchanges(declared: Rows, live: ByName) -> Iterator[Finding]:
    for exchange in declared:
        name = exchange["name"]
        current = live.get(name)
        if current is None:
            yield problem(ABOUT, f"the exchange {name} is missing", APPLY)
            continue
        for key in ("type", "durable", "auto_delete"):
            if current.get(key) != exchange[key]:
                what = f"the exchange {name} has {key} {current.get(key)}, declared is {exchange[key]}"
                yield problem(ABOUT, what, f"Stop the services and delete the exchange. {APPLY}")


def _queues(declared: Rows, live: ByName) -> Iterator[Finding]:
    for queue in declared:
        name, kind = queue["name"], queue["arguments"]["x-queue-type"]
        current = live.get(name)
        if current is None:
            yield problem(ABOUT, f"the queue {name} is missing: its service loses messages", APPLY)
            continue
        arguments = current.get("arguments", {})
        remedy = f"Let its service empty the queue and delete it. {APPLY}"
        if arguments.get("x-queue-type", "classic") != kind or not current.get("durable"):
            yield problem(ABOUT, f"the queue {name} is not a durable {kind} queue", remedy)
        if extra := sorted(set(arguments) - set(queue["arguments"])):
            what = f"the queue {name} has arguments of its own: {', '.join(extra)}"
            yield warning(ABOUT, what, f"Limits belong in policies. {remedy}")


def _bindings(declared: Mapping[str, Any], live: Rows) -> Iterator[Finding]:
    wanted, current = set(map(binding_key, declared["bindings"])), set(map(binding_key, live))
    for source, queue, key, arguments in sorted(wanted - current):
        what = f"the binding {_named(source, queue, key, arguments)} is missing: {queue} misses these messages"
        yield problem(ABOUT, what, APPLY)
    for row in old_bindings(declared, live):
        what = f"the binding {_named(*binding_key(row))} is not declared"
        yield warning(ABOUT, what, f"{APPLY} That removes it; before, its messages may get parked.")


def _named(source: str, queue: str, key: str, arguments: str) -> str:
    return f"{source} → {queue} ({key if arguments == NO_ARGUMENTS else arguments})"


def _policies(declared: Rows, live: ByName) -> Iterator[Finding]:
    for policy in declared:
        name = policy["name"]
        current = live.get(name)
        if current is None:
            yield problem(ABOUT, f"the policy {name} is missing: queues have no limits, no dead-lettering", APPLY)
            continue
        different = [
            key for key in ("pattern", "apply-to", "definition", "priority") if current.get(key) != policy[key]
        ]
        if different:
            yield problem(ABOUT, f"the policy {name} differs in {', '.join(different)}", APPLY)


def _policies_in_effect(declared: Mapping[str, Any], queues: ByName) -> Iterator[Finding]:
    """Report other policies: one with a higher priority silently replaces the declared one."""
    for policy in declared["policies"]:
        pattern = re.compile(policy["pattern"])
        for name, queue in sorted(queues.items()):
            other = queue.get("policy")
            if pattern.search(name) and other and other != policy["name"]:
                what = f"the queue {name} follows the policy {other} instead of {policy['name']}"
                yield problem(ABOUT, what, f"Remove the policy {other}, or exclude {name} from its pattern.")


def _by_name(rows: Rows) -> ByName:
    return {row["name"]: row for row in rows}
