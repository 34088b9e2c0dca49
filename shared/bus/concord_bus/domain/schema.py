"""The judgement of the schema that a database has. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum


class Verdict(Enum):
    """The way in which a service treats a schema."""

    SERVE = "serve"
    OLDER = "older"
    """Migrate it, or wait until another process has."""
    INCOMPATIBLE = "incompatible"


@dataclass(frozen=True, slots=True)
class SchemaState:
    """One sequence of migrations in a database.

    `current` is its revision, None before the first. `works_from` is the oldest code that works on it, named by the
    newest revision of that code; None when the revision does not say.
    """

    of: str
    current: str | None
    works_from: str | None = None


def judge(state: SchemaState, known: Sequence[str]) -> Verdict:
    """Judge a schema for code whose revisions are `known`, oldest first.

    Code serves its own newest revision, and a newer one that declares this code, or older code, as compatible.
    """
    newest = known[-1] if known else None
    if state.current == newest:
        return Verdict.SERVE
    if state.current is None or state.current in known:
        return Verdict.OLDER
    return Verdict.SERVE if state.works_from in known else Verdict.INCOMPATIBLE


def refusal(state: SchemaState, known: Sequence[str]) -> str:
    """Return the sentence for an incompatible schema."""
    newest = known[-1] if known else "nothing"
    needed = f", which needs code from {state.works_from} on" if state.works_from else ""
    return (
        f"a newer version has migrated {state.of} to {state.current}{needed}, and this version has {newest}: "
        "run the newer version, or restore the backup from before"
    )
