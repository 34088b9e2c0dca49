"""desk.toml: what the groups of the city's identity provider may do at the desk. A city without sign-in has no such
file."""

from collections.abc import Collection
from pathlib import Path

from concord_city.adapters.rules_toml import Known
from concord_city.adapters.toml_reader import Source, Table, read_toml, suggestion, unique
from concord_city.domain.model import DESK_ROLES, DeskGroup

CITY_WIDE_ROLES = ("administrator", "auditor")
"""Roles that have every team unless the table names some."""
CLAIM_EXAMPLE = 'claim = "police-d4"'


def read_desk(folder: Path, source: Source, known: Known) -> tuple[DeskGroup, ...]:
    """Return the groups in the order of the file, none without the file. Valid only without findings."""
    if not (folder / source.file).exists():
        return ()
    root = read_toml(folder, source, "a [[group]] for each group of officers")
    return () if root is None else _groups(root, known)


def _groups(root: Table, known: Known) -> tuple[DeskGroup, ...]:
    tables = [(table, table.text("claim", CLAIM_EXAMPLE)) for table in root.tables("group")]
    unique(tables, "claim", "group")
    groups = [_group(table, claim, known) for table, claim in tables]
    root.done()
    return tuple(group for group in groups if group is not None)


def _group(table: Table, claim: str | None, known: Known) -> DeskGroup | None:
    role = table.text("role", 'role = "officer"')
    teams = _codes(table, "teams", known.teams, "team", 'teams = ["d4"]')
    areas = _codes(table, "areas", known.areas, "area", 'areas = ["D4"]')
    table.done()
    if role is not None and role not in DESK_ROLES:
        table.error("role", f"unknown role {role!r}", suggestion(role, DESK_ROLES))
        return None
    if role is not None and role not in CITY_WIDE_ROLES and "teams" not in table.values:
        table.error("teams", f"a group with the role {role!r} names no team", 'add teams = ["d4"]')
    if claim is None or role is None:
        return None
    return DeskGroup(claim, role, teams, areas)


def _codes(table: Table, key: str, known: Collection[str] | None, what: str, example: str) -> frozenset[str] | None:
    if known is None:
        values = table.texts(key, example, required=False)
    else:
        values = table.choices(key, list(known), what, example)
    return None if values is None else frozenset(values)
