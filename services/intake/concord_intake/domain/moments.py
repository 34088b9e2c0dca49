"""Moments as people of the city say them."""

from datetime import datetime
from zoneinfo import ZoneInfo

_MONTHS = {
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
    "es": (
        "enero",
        "febrero",
        "marzo",
        "abril",
        "mayo",
        "junio",
        "julio",
        "agosto",
        "septiembre",
        "octubre",
        "noviembre",
        "diciembre",
    ),
}


def when(moment: datetime, language: str, zone: ZoneInfo) -> str:
    """`22 November 2026, 18:20`; `22 de noviembre de 2026, 18:20`."""
    local = moment.astimezone(zone)
    month = _MONTHS[language][local.month - 1]
    day = f"{local.day} {month} {local.year}" if language == "en" else f"{local.day} de {month} de {local.year}"
    return f"{day}, {local:%H:%M}"
