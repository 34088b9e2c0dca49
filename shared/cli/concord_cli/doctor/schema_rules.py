"""Check of a database's schema against the migrations of this version. Pure."""

from collections.abc import Collection
from dataclasses import dataclass

from concord_cli.doctor.findings import Finding, ok, problem


@dataclass(frozen=True, slots=True)
class Schema:
    """A sequence of migrations: the database's `current` version (None before the first), `newest` and `known` ones."""

    of: str
    current: str | None
    newest: str
    known: Collection[str]


def check_schema(service: str, schemas: list[Schema]) -> Finding:
    """Return one finding for a service's database."""
    about = f"database of {service}"
    outdated = next((schema for schema in schemas if schema.current != schema.newest), None)
    if outdated is None:
        return ok(about, "schema up to date (" + ", ".join(f"{one.of} {one.newest}" for one in schemas) + ")")
    where = f"the schema of {outdated.of} is at {outdated.current or 'nothing'}"
    if outdated.current is not None and outdated.current not in outdated.known:
        return problem(
            about, f"{where}, which this version does not know", "A newer version wrote it: run the newer version."
        )
    remedy = f"Restart {service} in this version: it migrates its database when it starts."
    return problem(about, f"{where}, this version has {outdated.newest}", remedy)
