"""Whether each service's login exists and may do what is declared, no more and no less. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from concord_cli.doctor.findings import Finding, ok, problem

ABOUT = "logins"
Rows = Sequence[Mapping[str, Any]]


def judge_access(
    declared: Mapping[str, Any], users: Rows, permissions: Rows, topic_permissions: Rows
) -> Iterator[Finding]:
    """`declared` with every service's login; the rest as the management API lists it for the virtual host."""
    there = {each["name"] for each in users}
    names = [each["name"] for each in declared["users"]]
    missing = [name for name in names if name not in there]
    for name in missing:
        yield problem(ABOUT, f"the login {name} is missing", _apply(name))
    wrong = {
        **_differing(declared["permissions"], permissions, ("user",), ("configure", "write", "read")),
        **_differing(declared["topic_permissions"], topic_permissions, ("user", "exchange"), ("write", "read")),
    }
    for key in sorted(wrong):
        if key[0] not in missing:
            yield problem(ABOUT, f"the login {' on '.join(key)} {wrong[key]}", _apply(key[0]))
    if not missing and not wrong:
        yield ok(ABOUT, f"{len(names)} logins with the declared permissions")


def _differing(wanted: Rows, live: Rows, key: tuple[str, ...], compared: tuple[str, ...]) -> dict[tuple[str, ...], str]:
    there = {tuple(each[part] for part in key): each for each in live}
    found = {}
    for each in wanted:
        name = tuple(each[part] for part in key)
        has = there.get(name)
        different = compared if has is None else [part for part in compared if has[part] != each[part]]
        if different:
            kind = "has no" if has is None else "has other"
            found[name] = f"{kind} {'topic ' * (len(key) > 1)}permissions than declared to {', '.join(different)}"
            if has is None:
                found[name] = f"has no {'topic ' * (len(key) > 1)}permissions"
    return found


def _apply(service: str) -> str:
    return f"Set CONCORD_{service.upper()}_PASSWORD and run `concord topology apply`."
