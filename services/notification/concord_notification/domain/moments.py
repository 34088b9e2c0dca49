"""Moments in words, in the city's time zone. No operating system locale is needed."""

from collections.abc import Callable, Mapping
from datetime import datetime
from types import MappingProxyType
from zoneinfo import ZoneInfo

_EN_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_EN_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_ES_DAYS = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
_ES_MONTHS = (
    *("enero", "febrero", "marzo", "abril", "mayo", "junio"),
    *("julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre"),
)


def _english(local: datetime) -> str:
    day = f"{_EN_DAYS[local.weekday()]}, {_EN_MONTHS[local.month - 1]} {local.day}, {local.year}"
    half = "a.m." if local.hour < 12 else "p.m."
    return f"{day} at {(local.hour + 11) % 12 + 1}:{local.minute:02} {half}"


def _spanish(local: datetime) -> str:
    day = f"{_ES_DAYS[local.weekday()]} {local.day} de {_ES_MONTHS[local.month - 1]} de {local.year}"
    return f"{day} a {'la' if local.hour == 1 else 'las'} {local.hour}:{local.minute:02}"


_WRITERS: Mapping[str, Callable[[datetime], str]] = MappingProxyType({"en": _english, "es": _spanish})

LANGUAGES = tuple(_WRITERS)
"""The languages in which moments, and so notices, can be written."""


def in_words(moment: datetime, zone: ZoneInfo, language: str) -> str:
    """`moment` (aware) as people in `zone` say it, to the minute; `language` is one of LANGUAGES."""
    return _WRITERS[language](moment.astimezone(zone))
