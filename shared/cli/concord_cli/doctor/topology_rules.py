"""Where the broker's exchanges, queues, bindings and policies differ from the declared topology. Pure."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from concord_bus.topology import bound_at_will
from concord_cli.doctor.findings import Finding, ok, problem, warning

ABOUT = "topology"
APPLY = "Run `concord topology apply`."
Rows = Sequence[Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Live:
    """What the management API lists in the virtual host."""

    exchanges: Rows
    queues: Rows
    bindings: Rows
    policies: Rows


def judge_topology(declared: Mapping[str, Any], live: Live) -> Iterator[Finding]:
    """`declared` is the document of `concord_bus.topology.definitions`."""
    found = [
        *_exchanges(declared["exchanges"], _by_name(live.exchanges)),
        *_queues(declared["queues"], _by_name(live.queues)),
        *_bindings(declared, live.bindings),
        *_policies(declared["policies"], _by_name(live.policies)),
        *_governed(declared, _by_name(live.queues)),
    ]
    yield from found
    if not found:
        counts = ", ".join(f"{len(declared[each])} {each}" for each in ("exchanges", "queues", "bindings", "policies"))
        yield ok(ABOUT, f"as declared: {counts}")


def _exchanges(wanted: Rows, there: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    for each in wanted:
        name = each["name"]
        live = there.get(name)
        if live is None:
            yield problem(ABOUT, f"the exchange {name} is missing", APPLY)
            continue
        for key in ("type", "durable", "auto_delete"):
            if live.get(key) != each[key]:
                yield problem(
                    ABOUT,
                    f"the exchange {name} has {key} {live.get(key)}, declared is {each[key]}",
                    f"Stop the services, delete the exchange, then: {APPLY}",
                )


def _queues(wanted: Rows, there: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    for each in wanted:
        name, kind = each["name"], each["arguments"]["x-queue-type"]
        live = there.get(name)
        if live is None:
            yield problem(ABOUT, f"the queue {name} is missing: what is sent to it is lost to its service", APPLY)
            continue
        arguments = live.get("arguments", {})
        if arguments.get("x-queue-type", "classic") != kind or not live.get("durable"):
            yield problem(
                ABOUT,
                f"the queue {name} is no durable {kind} queue",
                f"Let its service empty it, delete it, then: {APPLY}",
            )
        extra = sorted(set(arguments) - set(each["arguments"]))
        if extra:
            yield warning(
                ABOUT,
                f"the queue {name} has arguments of its own: {', '.join(extra)}",
                f"Limits belong in policies. Let its service empty it, delete it, then: {APPLY}",
            )


def _bindings(declared: Mapping[str, Any], live: Rows) -> Iterator[Finding]:
    wanted = {(each["source"], each["destination"], each["routing_key"]) for each in declared["bindings"]}
    there = {(each["source"], each["destination"], each["routing_key"]) for each in live if each["source"]}
    for source, queue, key in sorted(wanted - there):
        yield problem(ABOUT, f"the binding {source} → {queue} ({key}) is missing: {queue} does not get these", APPLY)
    ours = {each["name"] for each in declared["queues"]}
    for source, queue, key in sorted(there - wanted - bound_at_will()):
        if queue in ours:
            yield warning(
                ABOUT,
                f"the binding {source} → {queue} ({key}) is not declared",
                "Remove it when no version of the services needs it: it may bring messages that get parked.",
            )


def _policies(wanted: Rows, there: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    for each in wanted:
        name = each["name"]
        live = there.get(name)
        if live is None:
            yield problem(ABOUT, f"the policy {name} is missing: queues have no limits, no dead-lettering", APPLY)
            continue
        different = [key for key in ("pattern", "apply-to", "definition", "priority") if live.get(key) != each[key]]
        if different:
            yield problem(ABOUT, f"the policy {name} differs in {', '.join(different)}", APPLY)


def _governed(declared: Mapping[str, Any], there: Mapping[str, Mapping[str, Any]]) -> Iterator[Finding]:
    """A policy of a higher priority would silently replace the declared one."""
    for policy in declared["policies"]:
        pattern = re.compile(policy["pattern"])
        for name, live in sorted(there.items()):
            other = live.get("policy")
            if pattern.search(name) and other and other != policy["name"]:
                yield problem(
                    ABOUT,
                    f"the queue {name} follows the policy {other} instead of {policy['name']}",
                    f"Remove the policy {other}, or keep it from matching {name}.",
                )


def _by_name(rows: Rows) -> dict[str, Mapping[str, Any]]:
    return {each["name"]: each for each in rows}
