"""categories.toml and teams.toml."""

from collections.abc import Sequence

from concord_city.adapters.toml_reader import Table, unique
from concord_city.domain.model import Category, Team
from concord_contracts.mail_address import BadAddress, public_address


def read_categories(root: Table, languages: Sequence[str]) -> dict[str, Category]:
    categories: dict[str, Category] = {}
    for table, code in _coded_tables(root, "category", 'code = "graffiti"'):
        names = table.translations(languages)
        sensitive = table.flag("sensitive", "sensitive = false")
        group = table.text("group", 'group = "Streets" (the group that Open311 shows)')
        table.done()
        if code is not None and names:
            categories.setdefault(code, Category(code, names, bool(sensitive), group or ""))
    return categories


def read_teams(root: Table, languages: Sequence[str]) -> dict[str, Team]:
    teams: dict[str, Team] = {}
    for table, code in _coded_tables(root, "team", 'code = "public-works"'):
        names = table.translations(languages)
        email, supervisor = (_address(table, key) for key in ("email", "supervisor"))
        table.done()
        if code is not None and names:
            teams.setdefault(code, Team(code, names, email, supervisor))
    return teams


def _coded_tables(root: Table, key: str, example: str) -> list[tuple[Table, str | None]]:
    """Return every [[key]] with its code; a code is None when it is invalid."""
    tables = [(table, table.code(example)) for table in root.tables(key)]
    unique(tables, "code", key)
    root.done()
    return tables


def _address(table: Table, key: str) -> str | None:
    address = table.text(key, f'{key} = "works@example.org"', required=False)
    if address is not None:
        try:
            public_address(address)
        except BadAddress as error:
            fault = f"{address!r} is not an e-mail address that mail can reach: {error}"
            table.error(key, fault.rstrip("."), 'write an address such as "works@example.org"')
    return address
