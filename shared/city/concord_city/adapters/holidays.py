"""The city's holidays: a table of dates and names, or a list of dates."""

from datetime import date, datetime
from typing import Any

from concord_city.adapters.toml_reader import Table

EXAMPLE = '[holidays] with 2026-01-01 = "New Year\'s Day"'
LIST_EXAMPLE = "holidays = [2026-01-01]"


def read_holidays(root: Table) -> dict[date, str]:
    """Return the names by date, in the order of the file. In a list of dates the names are empty."""
    if isinstance(root.values.get("holidays"), dict):
        return _named(root)
    days = root.take("holidays", list, f"{EXAMPLE}, or {LIST_EXAMPLE}", required=False) or []
    for number, day in enumerate(days):
        if not isinstance(day, date) or isinstance(day, datetime):
            root.error("holidays", f"{day!r} is not a date", "write dates without quotes: 2026-01-01", number)
            return {}
    return dict.fromkeys(days, "")


def _named(root: Table) -> dict[date, str]:
    table = root.table("holidays", EXAMPLE)
    if table is None:
        return {}
    holidays = {}
    for key in table.values:
        name = table.text(key, f'{key} = "New Year\'s Day"')
        day = _day(key)
        if day is None:
            table.error(key, f"{key!r} is not a date", "write year-month-day: 2026-01-01")
        else:
            holidays[day] = name or ""
    return holidays


def _day(key: Any) -> date | None:
    try:
        return date.fromisoformat(key) if len(key) == len("2026-01-01") else None
    except ValueError:
        return None
