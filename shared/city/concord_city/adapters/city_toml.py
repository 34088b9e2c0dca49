"""city.toml: the city's name, languages, working hours, placeholder points and limits."""

import re
from datetime import date
from zoneinfo import ZoneInfo, available_timezones

from concord_city.adapters.holidays import read_holidays
from concord_city.adapters.time_windows import BadTime, opening_windows
from concord_city.adapters.toml_reader import Table, suggestion
from concord_city.domain.model import WEEKDAYS, City, Placeholder, WorkingHours

LANGUAGE = re.compile(r"[a-z]{2,3}(-[A-Za-z0-9]{2,8})*")
NUMBER = re.compile(r"\+?[0-9][0-9 -]{1,18}")
NO_ZONES = ("Factory", "localtime", "posixrules")
"""Names for a machine whose clock is not set, or for its own setting."""
ZONE_REMEDY = 'write an IANA name such as "America/New_York"'
HOURS_EXAMPLE = '"09:00-17:00" or ["09:00-12:00", "13:00-17:00"]'


def read_city(root: Table) -> City:
    """Return the city without areas, categories, teams and rules. Invalid values are empty."""
    languages = _languages(root)
    holidays = read_holidays(root)
    city = City(
        name=root.text("name", 'name = "Boston"') or "",
        time_zone=_time_zone(root),
        languages=languages,
        areas={},
        categories={},
        teams={},
        rules=(),
        emergency_number=_emergency_number(root),
        border_m=root.number("border_m", "border_m = 25 (metres)", low=0, high=5000) or 0.0,
        placeholders=tuple(_placeholders(root)),
        working_hours=_working_hours(root, frozenset(holidays)),
        emergency_words=_emergency_words(root, languages),
        holidays=holidays,
        at_risk_share=_at_risk_share(root),
        silence_days=_days(root, "silence_days", 14),
        answer_days=_days(root, "answer_days", 5),
    )
    root.done()
    return city


def _languages(root: Table) -> tuple[str, ...]:
    """Return no languages when one is invalid, so that the check does not report errors in other files for it."""
    before = len(root.source.findings)
    values = root.texts("languages", 'languages = ["en", "es"]') or []
    for number, value in enumerate(values):
        if not LANGUAGE.fullmatch(value):
            root.error("languages", f"{value!r} is not a language code", 'write codes such as "en"', number)
    return tuple(values) if len(root.source.findings) == before else ()


def _time_zone(root: Table) -> str:
    value = root.text("time_zone", 'time_zone = "America/New_York"')
    if value is None:
        return ""
    if value in NO_ZONES:
        root.error("time_zone", f"{value!r} is not the time of any city", ZONE_REMEDY)
        return ""
    known = available_timezones()
    if value not in known:
        close = suggestion(value, sorted(known))
        remedy = close if close.startswith("did") else ZONE_REMEDY
        root.error("time_zone", f"unknown time zone {value!r}", remedy)
        return ""
    return ZoneInfo(value).key


def _emergency_number(root: Table) -> str:
    value = root.text("emergency_number", 'emergency_number = "911"') or ""
    if value and not NUMBER.fullmatch(value):
        root.error("emergency_number", f"{value!r} is not a telephone number", 'write digits such as "911"')
    return value


def _placeholders(root: Table) -> list[Placeholder]:
    placeholders = []
    for table in root.tables("placeholder", required=False):
        lon = table.number("lon", "lon = -71.0587 (degrees)", low=-180, high=180)
        lat = table.number("lat", "lat = 42.3594 (degrees)", low=-90, high=90)
        tolerance = table.number("tolerance_m", "tolerance_m = 1 (metres)", low=0, high=1000, required=False)
        table.text("note", 'note = "what this point stands for"', required=False)
        table.done()
        if lon is not None and lat is not None:
            placeholders.append(Placeholder(lon, lat, 1.0 if tolerance is None else tolerance))
    return placeholders


def _at_risk_share(root: Table) -> float:
    value = root.number("at_risk_share", "at_risk_share = 0.25 (a quarter)", low=0, high=1, required=False)
    return 0.25 if value is None else value


def _days(root: Table, key: str, default: int) -> int:
    """A number of whole days that a city may set."""
    value = root.number(key, f"{key} = {default}", low=1, high=366, required=False)
    if value is not None and value != int(value):
        root.error(key, f"{value} is not a whole number", f"write whole days: {key} = {default}")
    return default if value is None else int(value)


def _working_hours(root: Table, holidays: frozenset[date]) -> WorkingHours:
    table = root.table("working_hours", f"[working_hours] with mon = {HOURS_EXAMPLE}", required=False)
    if table is None:
        return WorkingHours(holidays=holidays)
    week = tuple(_day(table, day) for day in WEEKDAYS)
    table.done()
    return WorkingHours(week, holidays)


def _day(table: Table, day: str) -> tuple[tuple[int, int], ...]:
    value = table.values.get(day)
    if not isinstance(value, list):
        value = table.text(day, HOURS_EXAMPLE, required=False)
        value = [] if value is None else [value]
    else:
        table.take(day, list, HOURS_EXAMPLE)
    try:
        return opening_windows(value)
    except BadTime as error:
        table.error(day, str(error), f"write {day} = {HOURS_EXAMPLE}")
        return ()


def _emergency_words(root: Table, languages: tuple[str, ...]) -> dict[str, tuple[str, ...]]:
    table = root.table("emergency_words", '[emergency_words] with en = ["gun"]')
    if table is None or not languages:
        return {}
    words = {language: tuple(table.texts(language, f'{language} = ["..."]') or ()) for language in languages}
    table.done()
    return words
