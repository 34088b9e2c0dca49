"""Check of a database's schema against the migrations of this version. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from concord_bus.domain.schema import SchemaState, Verdict, judge
from concord_cli.doctor.findings import Finding, ok, problem


@dataclass(frozen=True, slots=True)
class Schema:
    """A sequence of migrations: the database's `state`, and the versions that this code knows, oldest first."""

    state: SchemaState
    known: Sequence[str]

    @property
    def verdict(self) -> Verdict:
        return judge(self.state, self.known)


def check_schema(service: str, schemas: list[Schema]) -> Finding:
    """Return one finding for a service's database."""
    about = f"database of {service}"
    fault = next((schema for schema in schemas if schema.verdict is not Verdict.SERVE), None)
    if fault is None:
        return ok(about, f"schema up to date ({', '.join(map(_version, schemas))})")
    where = f"the schema of {fault.state.of} is at {fault.state.current or 'nothing'}"
    if fault.verdict is Verdict.INCOMPATIBLE:
        return problem(
            about, f"{where}, which this version does not know", "A newer version wrote it: run the newer version."
        )
    remedy = f"Restart {service} in this version: it migrates its database when it starts."
    return problem(about, f"{where}, this version has {fault.known[-1]}", remedy)


def _version(schema: Schema) -> str:
    state, newest = schema.state, schema.known[-1]
    return f"{state.of} {newest}" if state.current == newest else f"{state.of} {state.current}, newer but compatible"
