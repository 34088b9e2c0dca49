"""Subscribers as text and as JSON, without secrets; and the commands for a new subscriber, with its secret."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from string import Template
from typing import Any

from concord_bus.topology.grants import Grant
from concord_bus.topology.subscriber_admin import Subscriber
from concord_cli.common.terminal_text import table

HEAD = ("NAME", "TYPES", "AREAS", "CATEGORIES", "REPLAY", "ADDED", "STATE")
ANY = "any"
CLIENT = Path("shared/client")
INSTRUCTIONS = Template("""\
# Subscriber $name. The secret is shown once and stored nowhere. Run this in an empty folder:
export CONCORD_URL='$url'
python3 -m venv .venv
.venv/bin/pip install --quiet $client
cat > ${module}_service.py <<'END'
import os
${imports}
subscriber = Subscriber(
    os.environ["CONCORD_URL"],
    queue="$queue",
    types=$types,
    areas=$areas,
    categories=$categories,
    dead_letter=DeadLetterFolder("dead-letters"),$replay
)
subscriber.run(lambda event: print(event.time, event.type, event.concern_id, event.data.get("area"), flush=True))
END
.venv/bin/python ${module}_service.py
""")
IMPORTS = "\nfrom concord_client import DeadLetterFolder, Subscriber\n"
REPLAY_IMPORTS = """\
from datetime import UTC, datetime, timedelta

from concord_client import DeadLetterFolder, Replay, Subscriber
"""
REPLAY_ARGUMENT = Template("\n    replay=Replay(since=datetime.now(UTC) - timedelta(days=$days)),")


def to_json(subscriber: Subscriber) -> dict[str, Any]:
    """Return times in UTC; empty areas or categories mean any."""
    grant, limits = subscriber.grant, subscriber.grant.limits
    return {
        "name": grant.name,
        "state": state(subscriber),
        **{name: list(getattr(grant, name)) for name in ("types", "areas", "categories")},
        "queues": list(grant.queue_names),
        "replay": {"days": grant.replay_days, "stream": grant.replay_stream} if grant.replay_days else None,
        "limits": {**asdict(limits), "channels": limits.channels},
        "added": subscriber.added,
        "secret_since": subscriber.secret_since,
        "suspended": subscriber.suspended,
    }


def to_text(subscriber: Subscriber) -> str:
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
        ("limits", f"{limits.messages:,} messages or {limits.bytes:,} bytes per queue, {limits.days} days"),
        ("connections", f"{limits.connections}, with {limits.channels} channels in all"),
        ("added", subscriber.added),
        ("secret since", subscriber.secret_since),
    )
    return "\n".join(f"{name:<13} {value}" for name, value in rows)


def subscriber_table(subscribers: Sequence[Subscriber]) -> str:
    if not subscribers:
        return "No subscribers yet: see concord subscriber add --help"
    return table([HEAD, *map(_row, subscribers)])


def state(subscriber: Subscriber) -> str:
    return "suspended" if subscriber.suspended else "live"


def instructions(grant: Grant, url: str, checkout: Path) -> str:
    """Return shell commands that install the client and run a subscriber.

    The client comes from the source checkout, if there is one, else from the city's package index.
    """
    client = checkout / CLIENT
    return INSTRUCTIONS.substitute(
        name=grant.name,
        url=url,
        client=client if client.is_dir() else "concord-client",
        module=grant.name.replace("-", "_"),
        imports=REPLAY_IMPORTS if grant.replay_days else IMPORTS,
        queue=grant.queue_names[0],
        types=_list(grant.types),
        areas=_list(grant.areas),
        categories=_list(grant.categories),
        replay=REPLAY_ARGUMENT.substitute(days=grant.replay_days) if grant.replay_days else "",
    )


def arguments(grant: Grant) -> str:
    """Return the arguments of `Subscriber` in the program of this grant, as lines to put there."""
    lines = (f"    {name}={_list(getattr(grant, name))}," for name in ("types", "areas", "categories"))
    return "\n".join([f'    queue="{grant.queue_names[0]}",', *lines])


def _list(codes: tuple[str, ...]) -> str:
    return "[" + ", ".join(f'"{code}"' for code in codes) + "]"


def _row(subscriber: Subscriber) -> tuple[str, ...]:
    grant = subscriber.grant
    replay = f"{grant.replay_days}d" if grant.replay_days else "-"
    codes = (",".join(column) or ANY for column in (grant.types, grant.areas, grant.categories))
    return (grant.name, *codes, replay, subscriber.added[:10], state(subscriber))
