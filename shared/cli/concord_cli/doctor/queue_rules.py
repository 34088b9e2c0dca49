"""Checks of queues: each has a consumer and does not grow. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from concord_bus.topology.declarations import DEADLY, SERVICES
from concord_cli.common.terminal_text import counted
from concord_cli.doctor.findings import Finding, ok, problem, warning

ABOUT = "queues"
MAX_MESSAGES = 10_000
"""More messages than a service processes within seconds."""
SUBSCRIBERS = "sub."
LOOKS, LOOK_SECONDS = 4, 2.0
"""The looks at a queue without a consumer. The broker counts every five seconds."""
Queue = Mapping[str, Any]


def check_queues(queues: Sequence[Queue]) -> Iterator[Finding]:
    """Check `queues` of the management API. The rules of the topology report missing ones."""
    by_name = {queue["name"]: queue for queue in queues}
    own = [
        (name, service.name)
        for service in SERVICES.values()
        for name in (*(queue.name for queue in service.queues), service.dead)
        if name in by_name
    ]
    faults = [finding for name, service in own for finding in _own(service, by_name[name])]
    faults += _not_counted([by_name[name] for name, _ in own])
    foreign = (by_name[name] for name in sorted(by_name) if name.startswith(SUBSCRIBERS))
    faults += [finding for queue in foreign for finding in _foreign(queue)]
    faults += _deadly(by_name.get(DEADLY, {}))
    faults += [finding for name in sorted(by_name) for finding in _full(by_name[name])]
    yield from faults
    if not faults:
        count = sum(_messages(queue) for queue in queues if queue.get("type") != "stream")
        yield ok(ABOUT, f"every queue has a consumer; {counted(count, 'message')} in them")


def settled(read: Callable[[], Sequence[Queue]], sleep: Callable[[float], None], looks: int = LOOKS) -> Sequence[Queue]:
    """Return the queues. While one of Concord's has no consumer, read them again: figures are some seconds old.

    So a service that has just started again is no problem.
    """
    queues = read()
    for _ in range(looks - 1):
        if not _without_consumer(queues):
            break
        sleep(LOOK_SECONDS)
        queues = read()
    return queues


def _without_consumer(queues: Sequence[Queue]) -> bool:
    own = {name for service in SERVICES.values() for name in (*(queue.name for queue in service.queues), service.dead)}
    return any(queue["name"] in own and _is_counted(queue) and not queue["consumers"] for queue in queues)


def _own(service: str, queue: Queue) -> Iterator[Finding]:
    name, state, count = queue["name"], queue.get("state", "running"), _messages(queue)
    if state in ("down", "minority", "crashed", "stopped"):
        yield problem(ABOUT, f"{name} is {state}", "Start the broker's other nodes; see its log.")
    elif not _is_counted(queue):
        return
    elif not queue.get("consumers"):
        yield problem(
            ABOUT, f"{name} has no consumer and {counted(count, 'message')}", f"Start {service}, or see its log."
        )
    elif count > MAX_MESSAGES:
        remedy = f"Start another process of {service}, or see its log."
        yield warning(ABOUT, f"{name} has a backlog of {counted(count, 'message')}", remedy)


def _not_counted(queues: Sequence[Queue]) -> Iterator[Finding]:
    if count := sum(not _is_counted(queue) for queue in queues):
        what = f"consumers not known yet, of {count} of {counted(len(queues), 'queue')}"
        yield warning(ABOUT, what, "Run this again in 10 s: the broker counts after a start.")


def _is_counted(queue: Queue) -> bool:
    """Return whether the broker has counted the queue. It does so every five seconds, and tells no figure before."""
    return "consumers" in queue


def _foreign(queue: Queue) -> Iterator[Finding]:
    count = _messages(queue)
    is_stream = queue.get("type") == "stream"  # a stream has readers at times only
    if count and _is_counted(queue) and not queue["consumers"] and not is_stream:
        yield warning(
            ABOUT,
            f"the subscriber's queue {queue['name']} has no consumer and {counted(count, 'message')}",
            "Inform the subscriber: the broker drops the oldest messages at the limit.",
        )


def _full(queue: Queue) -> Iterator[Finding]:
    """Report a queue at its limit that refuses messages: their senders hold them back."""
    rules, count = queue.get("effective_policy_definition") or {}, _messages(queue)
    if str(rules.get("overflow")).startswith("reject-publish") and count >= int(rules.get("max-length") or count + 1):
        what = f"{queue['name']} is full and refuses messages: {counted(count, 'message')}"
        what += f", the limit of the policy {queue['policy']}" if queue.get("policy") else ""
        yield problem(
            ABOUT, what, "Start its reader, or remove a policy that is not Concord's: docs/runbooks/QueueRefuses.md."
        )


def _deadly(queue: Queue) -> Iterator[Finding]:
    if count := _messages(queue):
        what = f"{DEADLY} keeps {counted(count, 'message')} that ended their process again and again"
        yield problem(ABOUT, what, "Find their queue in the header x-first-death-queue: docs/guide/operators.md.")


def _messages(queue: Queue) -> int:
    return int(queue.get("messages") or 0)
