"""Checks of the services' broker logins: they exist, with exactly the declared permissions. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from concord_cli.doctor.findings import Finding, ok, problem

ABOUT = "logins"
Rows = Sequence[Mapping[str, Any]]


def check_logins(
    declared: Mapping[str, Any], users: Rows, permissions: Rows, topic_permissions: Rows
) -> Iterator[Finding]:
    """Compare `declared`, with every service's login, to the rows of the management API."""
    existing = {user["name"] for user in users}
    names = [user["name"] for user in declared["users"]]
    missing = [name for name in names if name not in existing]
    for name in missing:
        yield problem(ABOUT, f"the login {name} is missing", _remedy(name))
    faults = {
        **_differences(declared["permissions"], permissions, ("user",), ("configure", "write", "read")),
        **_differences(declared["topic_permissions"], topic_permissions, ("user", "exchange"), ("write", "read")),
    }
    for key in sorted(faults):
        if key[0] not in missing:
            yield problem(ABOUT, f"the login {' on '.join(key)} {faults[key]}", _remedy(key[0]))
    if not missing and not faults:
        yield ok(ABOUT, f"{len(names)} logins with the declared permissions")


def _differences(
    wanted: Rows, live: Rows, key_fields: tuple[str, ...], compared: tuple[str, ...]
) -> dict[tuple[str, ...], str]:
    """Return a text for each login, or login and exchange, whose permissions differ."""
    kind = "topic permissions" if len(key_fields) > 1 else "permissions"
    live_rows = {tuple(row[field] for field in key_fields): row for row in live}
    faults = {}
    for row in wanted:
        key = tuple(row[field] for field in key_fields)
        current = live_rows.get(key)
        if current is None:
            faults[key] = f"has no {kind}"
        elif different := [field for field in compared if current[field] != row[field]]:
            faults[key] = f"has other {kind} than declared to {', '.join(different)}"
    return faults


def _remedy(service: str) -> str:
    return f"Set CONCORD_{service.upper()}_PASSWORD and run `concord topology apply`."
