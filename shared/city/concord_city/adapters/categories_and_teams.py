"""categories.toml and teams.toml."""

import re
from collections.abc import Sequence
from datetime import time

from concord_city.adapters.toml_reader import Table, suggestion, unique
from concord_city.domain.model import DEFAULT_DIGEST_AT, MAILS, Category, Team
from concord_contracts.mail_address import BadAddress, public_address

MAILS_EXAMPLE = 'mails = "daily"'
DIGEST_EXAMPLE = 'digest_at = "07:00" (the city\'s time)'
CLOCK = re.compile(r"(?:[01][0-9]|2[0-3]):[0-5][0-9]")


def read_categories(root: Table, languages: Sequence[str]) -> dict[str, Category]:
    categories: dict[str, Category] = {}
    for table, code in _coded_tables(root, "category", 'code = "graffiti"'):
        names = table.translations(languages)
        sensitive = table.flag("sensitive", "sensitive = false")
        group = table.text("group", 'group = "Streets" (the group that Open311 shows)')
        examples, groups = (table.translations(languages, key, required=False) for key in ("example", "group_name"))
        table.done()
        if code is not None and names:
            categories.setdefault(code, Category(code, names, bool(sensitive), group or "", examples, groups))
    return categories


def read_teams(root: Table, languages: Sequence[str]) -> dict[str, Team]:
    teams: dict[str, Team] = {}
    for table, code in _coded_tables(root, "team", 'code = "public-works"'):
        names = table.translations(languages)
        email, supervisor = (_address(table, key) for key in ("email", "supervisor"))
        mails = _mails(table, email)
        digest_at = _digest_at(table)
        table.done()
        if code is not None and names:
            teams.setdefault(code, Team(code, names, email, supervisor, mails, digest_at))
    return teams


def _coded_tables(root: Table, key: str, example: str) -> list[tuple[Table, str | None]]:
    """Return every [[key]] with its code; a code is None when it is invalid."""
    tables = [(table, table.code(example)) for table in root.tables(key)]
    unique(tables, "code", key)
    root.done()
    return tables


def _mails(table: Table, email: str | None) -> str:
    """Return when the team gets mails. Without the key it gets none: nobody may have meant the address for that."""
    value = table.text("mails", MAILS_EXAMPLE, required=False)
    if value is None:
        return "none"
    if value not in MAILS:
        table.error("mails", f"unknown word {value!r} for mails", suggestion(value, MAILS))
        return "none"
    if value != "none" and "email" not in table.values:
        table.error("mails", "a team without an address cannot get mails", 'add email = "works@example.org"')
    return value if email else "none"


def _digest_at(table: Table) -> time:
    value = table.text("digest_at", DIGEST_EXAMPLE, required=False)
    if value is None:
        return DEFAULT_DIGEST_AT
    if table.values.get("mails") != "daily":
        table.error("digest_at", "only a team with daily mails has a digest", 'add mails = "daily", or remove it')
    if not CLOCK.fullmatch(value):
        table.error("digest_at", f"{value!r} is not a time of day", f"write {DIGEST_EXAMPLE}")
        return DEFAULT_DIGEST_AT
    return time.fromisoformat(value)


def _address(table: Table, key: str) -> str | None:
    address = table.text(key, f'{key} = "works@example.org"', required=False)
    if address is not None:
        try:
            public_address(address)
        except BadAddress as error:
            fault = f"{address!r} is not an e-mail address that mail can reach: {error}"
            table.error(key, fault.rstrip("."), 'write an address such as "works@example.org"')
    return address
