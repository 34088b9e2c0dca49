"""Subscribers for a person and for a program; never a secret."""

from collections.abc import Sequence
from typing import Any

from concord_bus.topology import Grant, Subscriber

HEAD = ("NAME", "TYPES", "AREAS", "CATEGORIES", "REPLAY", "ADDED", "STATE")
ANY = "any"


def described(subscriber: Subscriber) -> dict[str, Any]:
    """Moments in UTC; empty areas or categories mean any."""
    grant, limits = subscriber.grant, subscriber.grant.limits
    return {
        "name": grant.name,
        "state": state(subscriber),
        "types": list(grant.types),
        "areas": list(grant.areas),
        "categories": list(grant.categories),
        "queues": list(grant.queue_names),
        "replay": {"days": grant.replay_days, "stream": grant.replay_stream} if grant.replay_days else None,
        "limits": {
            "messages": limits.messages,
            "bytes": limits.bytes,
            "days": limits.days,
            "connections": limits.connections,
            "channels": limits.channels,
        },
        "added": subscriber.added,
        "secret_since": subscriber.secret_since,
        "suspended": subscriber.suspended,
    }


def as_lines(subscriber: Subscriber) -> str:
    grant, limits = subscriber.grant, subscriber.grant.limits
    replay = f"{grant.replay_days} days, from {grant.replay_stream}" if grant.replay_days else "none"
    rows = (
        ("subscriber", grant.name),
        ("state", state(subscriber) + (f" since {subscriber.suspended}" if subscriber.suspended else "")),
        ("types", ", ".join(grant.types)),
        ("areas", ", ".join(grant.areas) or ANY),
        ("categories", ", ".join(grant.categories) or ANY),
        ("queues", ", ".join(grant.queue_names)),
        ("replay", replay),
        ("limits", f"{limits.messages:,} messages or {limits.bytes:,} bytes a queue, {limits.days} days old"),
        ("connections", f"{limits.connections}, with {limits.channels} channels in all"),
        ("added", subscriber.added),
        ("secret since", subscriber.secret_since),
    )
    return "\n".join(f"{name:<13} {value}" for name, value in rows)


def as_table(subscribers: Sequence[Subscriber]) -> str:
    if not subscribers:
        return "There is no subscriber yet: concord subscriber add --help"
    return table([HEAD, *map(_row, subscribers)])


def table(rows: Sequence[Sequence[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = ("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
    return "\n".join(line.rstrip() for line in padded)


def state(subscriber: Subscriber) -> str:
    return "suspended" if subscriber.suspended else "live"


def _row(subscriber: Subscriber) -> tuple[str, ...]:
    grant: Grant = subscriber.grant
    replay = f"{grant.replay_days}d" if grant.replay_days else "-"
    lists = (",".join(each) or ANY for each in (grant.types, grant.areas, grant.categories))
    return (grant.name, *lists, replay, subscriber.added[:10], state(subscriber))
