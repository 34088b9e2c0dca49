"""What residents are told, in plain words, in English and Spanish."""

from collections.abc import Callable, Mapping
from zoneinfo import ZoneInfo

from concord_intake.domain.moments import when
from concord_intake.domain.timeline import Status, Step

LANGUAGES = ("en", "es")

_STATUS: Mapping[str, Mapping[Status, str]] = {
    "en": {
        "received": "We have your concern.",
        "routed": "It is with {team}.",
        "unroutable": "A person is choosing who should act on it.",
        "acknowledged": "The team has seen it.",
        "updated": "There is news from the team.",
        "waiting": "There is news from the team: it needs an answer from you.",
        "reassigned": "Another team has it now: {team}.",
        "referred": "It was handed to a partner outside our teams.",
        "resolved": "The team says that it was dealt with.",
        "declined": "The city will not act on it.",
        "reopened": "It is open again.",
        "closed": "It is closed.",
        "renegotiated": "The team needs more time than was promised.",
        "missed": "A promise was not kept in time.",
        "withdrawn": "You took it back.",
    },
    "es": {
        "received": "Hemos recibido su aviso.",
        "routed": "Lo tiene {team}.",
        "unroutable": "Una persona está decidiendo quién debe ocuparse.",
        "acknowledged": "El equipo ya lo ha visto.",
        "updated": "Hay novedades del equipo.",
        "waiting": "Hay novedades del equipo: necesita una respuesta suya.",
        "reassigned": "Ahora lo tiene otro equipo: {team}.",
        "referred": "Se ha pasado a una entidad colaboradora fuera de nuestros equipos.",
        "resolved": "El equipo dice que ya está resuelto.",
        "declined": "La ciudad no va a actuar en este caso.",
        "reopened": "Está abierto de nuevo.",
        "closed": "Está cerrado.",
        "renegotiated": "El equipo necesita más tiempo del prometido.",
        "missed": "No se cumplió a tiempo una promesa.",
        "withdrawn": "Usted lo retiró.",
    },
}

_PROMISE = {
    "en": {
        "both": "You will hear{whom} by {acknowledge}, and what is done about it by {respond}.",
        "acknowledge": "You will hear{whom} by {acknowledge}.",
        "respond": "You will hear what is done about it by {respond}.",
    },
    "es": {
        "both": "Tendrá noticias antes del {acknowledge}, y sabrá qué se hace antes del {respond}.",
        "acknowledge": "Tendrá noticias antes del {acknowledge}.",
        "respond": "Sabrá qué se hace antes del {respond}.",
    },
}

_AGREED = {"en": "They promise it by {due} now.", "es": "Ahora lo prometen antes del {due}."}

_MISSED = {
    "en": {
        "acknowledgement": "We promised that you would hear from a person by {due}, and {how}.",
        "response": "We promised to answer by {due}, and {how}.",
        "agreed": "We promised you something by {due}, and {how}.",
        "yet": "have not kept it yet",
        "since": "did not keep it in time",
    },
    "es": {
        "acknowledgement": "Le prometimos que una persona le respondería antes del {due}, y {how}.",
        "response": "Le prometimos una respuesta antes del {due}, y {how}.",
        "agreed": "Le prometimos algo antes del {due}, y {how}.",
        "yet": "todavía no lo hemos cumplido",
        "since": "no lo cumplimos a tiempo",
    },
}

_FROM_THEM = {"en": " from them", "es": ""}
"""Said where the sentence before names the team."""

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

_REPLIED = {
    "en": {True: "Thank you for your answer.", False: "Thank you. Your concern is being opened again."},
    "es": {True: "Gracias por su respuesta.", False: "Gracias. Su aviso se abre de nuevo."},
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


def replied(language: str, *, fixed: bool) -> str:
    """Said when a reporter told whether it is fixed."""
    return _REPLIED[spoken(language)][fixed]


def emergency(language: str, number: str) -> str:
    """Said first when the words read like an emergency."""
    return _EMERGENCY[spoken(language)].format(number=number)


def received(language: str) -> str:
    """The first line of every history."""
    return _STATUS[spoken(language)]["received"]


def step(taken: Step, language: str, zone: ZoneInfo, team_name: Callable[[Step], str], *, latest: bool = True) -> str:
    """One step in words. Promised times are given in the city's own time; `latest`: nothing was done since."""
    spoken_in = spoken(language)
    if taken.status == "missed" and taken.due_at:
        return _missed(taken, spoken_in, zone, "yet" if latest else "since")
    sentence = _STATUS[spoken_in][taken.status].format(team=team_name(taken))
    more = _promise(taken, spoken_in, zone) or _REASONS[spoken_in].get(taken.reason or "")
    return f"{sentence} {more}" if more else sentence


def _missed(taken: Step, language: str, zone: ZoneInfo, how: str) -> str:
    said = _MISSED[language]
    sentence = said.get(taken.promise or "", said["agreed"])
    return sentence.format(due=when(taken.due_at, language, zone) if taken.due_at else "", how=said[how])


def _promise(taken: Step, language: str, zone: ZoneInfo) -> str | None:
    acknowledge = taken.acknowledge_by and when(taken.acknowledge_by, language, zone)
    respond = taken.respond_by and when(taken.respond_by, language, zone)
    if not acknowledge and not respond:
        return _AGREED[language].format(due=when(taken.due_at, language, zone)) if taken.due_at else None
    kind = "both" if acknowledge and respond else "acknowledge" if acknowledge else "respond"
    whom = _FROM_THEM[language] if taken.team else ""
    return _PROMISE[language][kind].format(whom=whom, acknowledge=acknowledge, respond=respond)
