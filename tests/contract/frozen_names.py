"""Names that others rely on, each kind as a listing in `frozen_names/`: one name a line, sorted."""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from .command_names import command_names
from .database_names import migration_names, sqlite_names
from .http_names import http_names
from .platform_names import alert_names, environment_names, message_names, metric_names, topology_names

LISTINGS = Path(__file__).parent / "frozen_names"
FREEZE = "python -m tests.contract.freeze_names"
POSTGRESQL = "tables.postgresql"
"""The listing that takes a PostgreSQL server to make."""

NAMES: Mapping[str, Callable[[], Iterable[str]]] = {
    "messages": message_names,
    "topology": topology_names,
    "tables.sqlite": sqlite_names,
    "migrations": migration_names,
    "http": http_names,
    "metrics": metric_names,
    "alerts": alert_names,
    "commands": command_names,
    "environment": environment_names,
}


def listing(kind: str) -> Path:
    return LISTINGS / f"{kind}.txt"


def frozen(kind: str) -> list[str]:
    """The names that were frozen, none when there is no listing yet."""
    file = listing(kind)
    return file.read_text("utf-8").splitlines() if file.exists() else []


def differences(kind: str, names: Iterable[str]) -> list[str]:
    """One sentence for each name that is gone or new, with what to do about it."""
    before, now = set(frozen(kind)), set(names)
    file = f"tests/contract/frozen_names/{kind}.txt"
    gone = [
        f"Removed or changed: {name}. Others rely on it: put it back. To give it up on purpose, "
        f"delete its line from {file} in the same commit and say why in CHANGELOG.md."
        for name in sorted(before - now)
    ]
    new = [
        f"Not in the listing: {name}. If it is new on purpose, run `{FREEZE}` and commit {file} with it."
        for name in sorted(now - before)
    ]
    return gone + new
