"""What residents are told, in plain words, in English and Spanish."""

from collections.abc import Callable, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from concord_intake.domain.progress import Status, Step

LANGUAGES = ("en", "es")

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

_STATUS: Mapping[str, Mapping[Status, str]] = {
    "en": {
        "received": "We have your concern.",
        "routed": "It is with {team}.",
        "unroutable": "A person is choosing who should act on it.",
    },
    "es": {
        "received": "Hemos recibido su aviso.",
        "routed": "Lo tiene {team}.",
        "unroutable": "Una persona está decidiendo quién debe ocuparse.",
    },
}

_PROMISE = {
    "en": "You will hear from them by {acknowledge}, and what is done about it by {respond}.",
    "es": "Tendrá noticias antes del {acknowledge}, y sabrá qué se hace antes del {respond}.",
}

_REASONS = {
    "en": {
        "placeholder": "The place given stands for an unknown place.",
        "outside": "The place lies outside the areas we look after.",
        "no_location": "We could not find the place on the map.",
        "no_rule": "No team looks after this kind of concern there by rule.",
        "unknown_category": "This kind of concern is not on our list any more.",
    },
    "es": {
        "placeholder": "El punto indicado representa un lugar desconocido.",
        "outside": "El lugar queda fuera de las zonas que atendemos.",
        "no_location": "No pudimos encontrar el lugar en el mapa.",
        "no_rule": "Ningún equipo atiende por norma este tipo de aviso en ese lugar.",
        "unknown_category": "Este tipo de aviso ya no está en nuestra lista.",
    },
}

_THANKS = {
    "en": "Thank you, we have your concern. Keep the receipt: with it you can see what happens.",
    "es": "Gracias, hemos recibido su aviso. Guarde el recibo: con él puede ver qué sucede.",
}

_EMERGENCY = {
    "en": "If anyone is in danger, call {number} now. Nobody reads this page around the clock.",
    "es": "Si alguien está en peligro, llame ahora al {number}. Nadie lee esta página las 24 horas.",
}


def spoken(language: str) -> str:
    """Of our languages, the one that comes nearest: `es` for `es-MX`, English for what we do not speak."""
    base = language.partition("-")[0].lower()
    return base if base in LANGUAGES else LANGUAGES[0]


def thanks(language: str) -> str:
    """Said when a concern was taken in."""
    return _THANKS[spoken(language)]


def emergency(language: str, number: str) -> str:
    """Said first when the words read like an emergency."""
    return _EMERGENCY[spoken(language)].format(number=number)


def received(language: str) -> str:
    """The first line of every history."""
    return _STATUS[spoken(language)]["received"]


def step(taken: Step, language: str, zone: ZoneInfo, team_name: Callable[[Step], str]) -> str:
    """One step in words. Promised times are given in the city's own time."""
    spoken_in = spoken(language)
    sentence = _STATUS[spoken_in][taken.status].format(team=team_name(taken))
    if taken.acknowledge_by and taken.respond_by:
        promise = _PROMISE[spoken_in].format(
            acknowledge=when(taken.acknowledge_by, spoken_in, zone), respond=when(taken.respond_by, spoken_in, zone)
        )
        return f"{sentence} {promise}"
    why = _REASONS[spoken_in].get(taken.reason or "")
    return f"{sentence} {why}" if why else sentence


def when(moment: datetime, language: str, zone: ZoneInfo) -> str:
    """`22 November 2026, 18:20`; `22 de noviembre de 2026, 18:20`."""
    local = moment.astimezone(zone)
    month = _MONTHS[language][local.month - 1]
    day = f"{local.day} {month} {local.year}" if language == "en" else f"{local.day} de {month} de {local.year}"
    return f"{day}, {local:%H:%M}"
