"""Queues that nobody reads, and queues that pile up. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from concord_bus.topology import SERVICES
from concord_cli.doctor.findings import Finding, ok, problem, warning

ABOUT = "queues"
MANY = 10_000
"""More than a service works off in seconds."""
SUBSCRIBERS = "sub."


def judge_queues(queues: Sequence[Mapping[str, Any]]) -> Iterator[Finding]:
    """`queues` as the management API lists them. What is missing is told by the topology's rules."""
    there = {each["name"]: each for each in queues}
    bad: list[Finding] = []
    for service in SERVICES.values():
        for name in (*(queue.name for queue in service.queues), service.dead):
            if name in there:
                bad.extend(_own(name, service.name, there[name]))
    bad.extend(finding for name in sorted(there) if name.startswith(SUBSCRIBERS) for finding in _foreign(there[name]))
    yield from bad
    if not bad:
        waiting = sum(_messages(each) for each in queues if each.get("type") != "stream")
        yield ok(ABOUT, f"every queue is read; {_count(waiting)} in them")


def _own(name: str, service: str, queue: Mapping[str, Any]) -> Iterator[Finding]:
    state = queue.get("state", "running")
    if state in ("down", "minority", "crashed", "stopped"):
        yield problem(ABOUT, f"{name} is {state}", "Start the broker's other nodes; see its log.")
        return
    waiting = _messages(queue)
    if not queue.get("consumers"):
        yield problem(ABOUT, f"nobody reads {name}: {_count(waiting)} wait", f"Start {service}, or see its log.")
    elif waiting > MANY:
        yield warning(
            ABOUT, f"{name} piles up: {_count(waiting)} wait", f"Start another process of {service}, or see its log."
        )


def _foreign(queue: Mapping[str, Any]) -> Iterator[Finding]:
    waiting = _messages(queue)
    if waiting and not queue.get("consumers") and queue.get("type") != "stream":  # a stream is read now and then
        yield warning(
            ABOUT,
            f"nobody reads the subscriber's queue {queue['name']}: {_count(waiting)} wait",
            "Tell the subscriber; the oldest are lost when its limit is reached.",
        )


def _messages(queue: Mapping[str, Any]) -> int:
    return int(queue.get("messages") or 0)


def _count(messages: int) -> str:
    return f"{messages:,} message{'s' * (messages != 1)}"
