"""What the last released code uses of the databases, and whether it can run on a newer schema.

A release must serve the schema of the next one, so that an update needs no downtime and has a way back. So a migration
adds in one release, and takes away in a later one, when no released code uses the thing any more.
"""

import tempfile
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import Inspector, create_engine, inspect

from .product import SHARED_MIGRATIONS, alembic_config, metadata_of, service_package, upgrade

RELEASED = Path(__file__).parent / "released"
FREEZE = "python -m tests.contract.freeze_release"


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a migrated database. `needs_value` is whether an INSERT must name it."""

    service: str
    table: str
    name: str
    needs_value: bool = False

    @property
    def line(self) -> str:
        return f"{self.service} {self.table} {self.name}"


def read(kind: str) -> list[str]:
    return (RELEASED / f"{kind}.txt").read_text("utf-8").splitlines()


def columns_in_use(service: str) -> Iterator[str]:
    """Yield the columns that the code of a service uses, such as `routing cases case_id`."""
    for metadata in metadata_of(service):
        for table in metadata.tables.values():
            for column in table.columns:
                yield f"{service} {table.name} {column.name}"


@cache
def migrated_columns(service: str) -> list[Column]:
    """Return the columns that the migrations make."""
    with tempfile.TemporaryDirectory() as folder:
        url = f"sqlite:///{folder}/{service}.db"
        upgrade(url, service_package(service))
        engine = create_engine(url)
        try:
            return list(_columns(service, inspect(engine)))
        finally:
            engine.dispose()


def _columns(service: str, inspector: Inspector) -> Iterator[Column]:
    for table in inspector.get_table_names():
        for column in inspector.get_columns(table):
            given = column["nullable"] or column["default"] is not None or column.get("primary_key")
            yield Column(service, table, column["name"], needs_value=not given)


def contractions(used: Collection[str], now: Collection[Column]) -> Iterator[str]:
    """Yield a sentence for all that keeps the code that uses the columns `used` from working on the schema `now`."""
    there = {column.line for column in now}
    for line in sorted(set(used) - there):
        yield f"{line} is gone, and the last release uses it: stop using it in this release, and drop it in the next"
    tables = {line.rpartition(" ")[0] for line in used}
    for column in now:
        written = column.line.rpartition(" ")[0] in tables
        if written and column.needs_value and column.line not in used:
            yield f"{column.line} needs a value, and the last release gives none: make it nullable or give it a default"


@dataclass(frozen=True, slots=True)
class Revision:
    """A migration, and the oldest code that works on its schema, if it says so."""

    owner: str
    name: str
    works_from: str | None


def revisions(packages: Mapping[str, str]) -> Iterator[Revision]:
    """Yield the migrations of each owner, oldest first."""
    for owner, package in {**packages, "every service": SHARED_MIGRATIONS}.items():
        for script in reversed(list(ScriptDirectory.from_config(alembic_config(package)).walk_revisions())):
            yield Revision(owner, script.revision, getattr(script.module, "works_from", None))


def undeclared(released: Collection[str], now: Collection[Revision]) -> Iterator[str]:
    """Yield a sentence for each new revision that does not declare the last release as compatible."""
    for revision in now:
        if f"{revision.owner} {revision.name}" in released:
            continue
        if f"{revision.owner} {revision.works_from}" not in released:
            own = [line.rpartition(" ")[2] for line in released if line.startswith(f"{revision.owner} ")]
            newest = max(own, default="")
            yield f"{revision.owner} {revision.name}: declare works_from = {newest!r}, if the last release works on it"
