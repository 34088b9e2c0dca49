"""What the feedback page says, in English and Spanish."""

from collections.abc import Mapping

from concord_intake.domain.feedback import RATINGS

Texts = Mapping[str, str]

NAMES = {"en": "English", "es": "Español"}

FORM: Mapping[str, Texts] = {
    "en": {
        "title": "Is it fixed?",
        "intro": "You raised a concern, and the team says that it has been dealt with. Only you can tell.",
        "look_again": "Something is missing or wrong below. Nothing was sent yet.",
        "fixed": "Is what you raised fixed?",
        "yes": "Yes",
        "no": "No",
        "reason": "If not: what is still wrong?",
        "reason_hint": "Needed if it is not fixed. Up to 2,000 characters; only the team reads it.",
        "handled": "How was it handled?",
        "voice": "I could say what mattered.",
        "respect": "I was treated with respect.",
        "neutrality": "It was handled the same as for anyone.",
        "motives": "They tried to do what is best for people here.",
        "not_at_all": "not at all",
        "fully": "fully",
        "send": "Send my answer",
        "privacy": "Your ratings are counted with those of others, without your name. You can leave any of them out.",
        "wrong_fixed": "Please say whether it is fixed.",
        "wrong_reason": "Please say what is still wrong, in up to 2,000 characters.",
        "wrong_rating": "Please choose a number from 1 to 5, or none.",
    },
    "es": {
        "title": "¿Está resuelto?",
        "intro": "Usted presentó un aviso y el equipo dice que ya está resuelto. Solo usted puede decirlo.",
        "look_again": "Falta algo o hay algo mal más abajo. Todavía no se ha enviado nada.",
        "fixed": "¿Está resuelto lo que nos dijo?",
        "yes": "Sí",
        "no": "No",
        "reason": "Si no: ¿qué sigue mal?",
        "reason_hint": "Hace falta si no está resuelto. Hasta 2000 caracteres; solo lo lee el equipo.",
        "handled": "¿Cómo se le atendió?",
        "voice": "Pude decir lo que importaba.",
        "respect": "Me trataron con respeto.",
        "neutrality": "Se trató igual que si fuera de cualquier otra persona.",
        "motives": "Intentaron hacer lo mejor para la gente de aquí.",
        "not_at_all": "nada",
        "fully": "del todo",
        "send": "Enviar mi respuesta",
        "privacy": "Sus notas se cuentan junto con las de otros, sin su nombre. Puede dejar en blanco las que quiera.",
        "wrong_fixed": "Diga, por favor, si está resuelto.",
        "wrong_reason": "Diga, por favor, qué sigue mal, en 2000 caracteres como máximo.",
        "wrong_rating": "Elija, por favor, un número del 1 al 5, o ninguno.",
    },
}

MESSAGES: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "en": {
        "fixed": ("Thank you", "We are glad that it is fixed. Your answer is with us."),
        "open_again": (
            "Thank you for telling us",
            "Your concern is being opened again. We will write to you when that is done, and by when you will hear.",
        ),
        "used": (
            "You have answered already",
            "This page can be used once, and your answer is with us.",
            "If something new is wrong, please report it as a new concern.",
        ),
        "ended": (
            "This page has ended",
            "It could be used for 14 days after the mail.",
            "If it is not fixed, please report it again as a new concern.",
        ),
        "forged": (
            "This link does not work",
            "Please open the link of the mail again, or copy all of it: a part may be missing.",
        ),
        "away": ("Please try again shortly", "We cannot do this just now. Nothing was sent."),
        "refused": ("This could not be read", "Please go back to the page, and send it again."),
    },
    "es": {
        "fixed": ("Gracias", "Nos alegra que esté resuelto. Hemos recibido su respuesta."),
        "open_again": (
            "Gracias por decírnoslo",
            "Su aviso se abre de nuevo. Le escribiremos cuando esté hecho y le diremos cuándo tendrá noticias.",
        ),
        "used": (
            "Ya ha respondido",
            "Esta página se puede usar una sola vez y ya tenemos su respuesta.",
            "Si hay algo nuevo que está mal, preséntelo como un aviso nuevo.",
        ),
        "ended": (
            "Esta página ya no está abierta",
            "Se podía usar durante los 14 días siguientes al correo.",
            "Si no está resuelto, preséntelo de nuevo, por favor, como un aviso nuevo.",
        ),
        "forged": (
            "Este enlace no funciona",
            "Abra otra vez el enlace del correo, o cópielo entero: puede que falte una parte.",
        ),
        "away": ("Inténtelo de nuevo en un momento", "Ahora mismo no podemos hacerlo. No se ha enviado nada."),
        "refused": ("No se pudo leer", "Vuelva a la página, por favor, y envíelo otra vez."),
    },
}
"""Title and paragraphs of what is said when there is no form to fill in."""


def wrong(field: str, language: str) -> str:
    """What to do about a field."""
    return FORM[language]["wrong_rating" if field in RATINGS else f"wrong_{field}"]
