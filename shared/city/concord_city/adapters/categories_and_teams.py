"""categories.toml and teams.toml."""

import re
from collections.abc import Sequence

from concord_city.adapters.toml_reader import Table, unique
from concord_city.domain.model import Category, Team

EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")


def read_categories(root: Table, languages: Sequence[str]) -> dict[str, Category]:
    found: dict[str, Category] = {}
    tables = root.tables("category")
    codes = [table.code('code = "graffiti"') for table in tables]
    unique(zip(tables, codes, strict=True), "code", "category")
    for table, code in zip(tables, codes, strict=True):
        names = table.translations(languages)
        sensitive = table.flag("sensitive", "sensitive = false")
        group = table.text("group", 'group = "Streets" (the group that Open311 shows)')
        table.done()
        if code is not None and names:
            found.setdefault(code, Category(code, names, bool(sensitive), group or ""))
    root.done()
    return found


def read_teams(root: Table, languages: Sequence[str]) -> dict[str, Team]:
    found: dict[str, Team] = {}
    tables = root.tables("team")
    codes = [table.code('code = "public-works"') for table in tables]
    unique(zip(tables, codes, strict=True), "code", "team")
    for table, code in zip(tables, codes, strict=True):
        names = table.translations(languages)
        email, supervisor = (_address(table, key) for key in ("email", "supervisor"))
        table.done()
        if code is not None and names:
            found.setdefault(code, Team(code, names, email, supervisor))
    root.done()
    return found


def _address(table: Table, key: str) -> str | None:
    address = table.text(key, f'{key} = "works@example.org"', required=False)
    if address is not None and not EMAIL.fullmatch(address):
        table.error(key, f"{address!r} is no e-mail address", 'write one such as "works@example.org"')
    return address
