"""Dates and times as residents read them, from the Unicode CLDR. No operating system locale is needed."""

from datetime import date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time, get_datetime_format

NARROW_SPACE = "\u202f"
"""CLDR writes it before AM and PM. Older mail programs show a box in its place."""
CACHED = 4096
"""Number of cached texts of days and of times of day. Babel takes some 30 microseconds to write one."""


def format_moment(moment: datetime, language: str, zone: ZoneInfo) -> str:
    """Return an aware moment in the zone's time, to the minute: CLDR's full date and short time.

    `Monday, November 23, 2026, 5:00 PM` in English, `lunes, 23 de noviembre de 2026, 17:00` in Spanish.
    """
    local = moment.astimezone(zone)
    day, clock = _date(local.date(), language), _time(time(local.hour, local.minute), language)
    return _joint(language).replace("{0}", clock).replace("{1}", day)


def language_name(language: str) -> str:
    """Return the name of a language in that language, as a link to it: `Español`."""
    name = locale_of(language).get_display_name() or language
    return name[:1].upper() + name[1:]


def text_direction(language: str) -> str:
    """Return `rtl` for a language with a right-to-left script, else `ltr`."""
    return locale_of(language).text_direction


@lru_cache
def locale_of(language: str) -> Locale:
    """Return the CLDR data of a BCP 47 tag. Raises babel.UnknownLocaleError, ValueError for a malformed tag."""
    return Locale.parse(language, sep="-")


@lru_cache(CACHED)
def _date(day: date, language: str) -> str:
    return format_date(day, "full", locale_of(language))


@lru_cache(CACHED)
def _time(clock: time, language: str) -> str:
    return format_time(clock, "short", locale=locale_of(language)).replace(NARROW_SPACE, " ")


@lru_cache
def _joint(language: str) -> str:
    """Return CLDR's pattern for date {1} and time {0}."""
    return str(get_datetime_format("full", locale_of(language))).replace("'", "")
