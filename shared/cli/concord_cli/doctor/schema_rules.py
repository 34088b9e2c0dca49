"""A database's schema against the migrations that this version brings. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from concord_cli.doctor.findings import Finding, ok, problem


@dataclass(frozen=True, slots=True)
class Schema:
    """One line of migrations: `has` the database's version (None before the first), `newest` and `known` here."""

    of: str
    has: str | None
    newest: str
    known: Collection[str]


def judge_schema(service: str, schemas: list[Schema]) -> Finding:
    """One finding for a service's database."""
    about = f"database of {service}"
    for each in schemas:
        if each.has == each.newest:
            continue
        if each.has is not None and each.has not in each.known:
            return problem(
                about,
                f"the schema of {each.of} is at {each.has}, which this version does not know",
                "It was written by a newer version: run that one.",
            )
        return problem(
            about,
            f"the schema of {each.of} is at {each.has or 'nothing'}, this version brings {each.newest}",
            f"Restart {service} in this version: it migrates its database when it starts.",
        )
    return ok(about, "schema up to date (" + ", ".join(f"{each.of} {each.newest}" for each in schemas) + ")")
