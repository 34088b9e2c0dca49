"""Texts of the pages on which residents report: remedies for wrong fields, and messages of whole pages."""

from concord_contracts.messages.intake import DESCRIPTION_LIMIT
from concord_i18n.translator import Translator


def field_error(field: str, translator: Translator, length: int) -> str:
    """Return the remedy for a wrong field. `length` is that of the typed text, in characters."""
    _ = translator.gettext
    if field == "description" and length > DESCRIPTION_LIMIT:
        return _(
            "Shorten the text to %(limit)s characters; it has %(length)s.",
            limit=str(DESCRIPTION_LIMIT),
            length=str(length),
        )
    return {
        "category": _("Choose what it is about."),
        "coordinates": _("Say where it is: use your position, type an address, or choose the area."),
        "address": _("Write the address or the landmark in one line of up to 500 characters."),
        "area": _("Choose an area from the list."),
        "description": _("Tell us in a few words what is wrong."),
        "occurred_at": _("Give a date and a time that are not in the future, or leave it empty."),
        "name": _("Write your name in one line, or leave it empty."),
        "email": _("Give an e-mail address such as rosa@example.org, or a telephone number, or leave all three empty."),
        "phone": _("Give a telephone number such as +1 617 555 0123, or leave it empty."),
        "contact_language": _("Choose one of the languages."),
    }[field]


def unreadable_coordinates(translator: Translator) -> str:
    """Return the remedy for a text that is no pair of coordinates."""
    return translator.gettext("Write the coordinates as latitude and longitude, such as 42.36, -71.06.")


def far_coordinates(translator: Translator, city: str) -> str:
    """Return the remedy for coordinates that lie far from the city."""
    return translator.gettext(
        "These coordinates lie far from %(city)s. Check them: the latitude comes first, and the signs count.", city=city
    )


def changed_form(translator: Translator) -> str:
    """Return the message for a form that came before with other content."""
    return translator.gettext(
        "You have sent this form before, and we have it. If this is another concern, send it now: it gets its own"
        " number."
    )


def unavailable(translator: Translator) -> str:
    """Return the message while the database is away."""
    return translator.gettext(
        "We cannot take it just now. Nothing was sent; what you wrote is still here. Try again soon."
    )


def too_many(translator: Translator, seconds: int) -> str:
    """Return the message for a client beyond the limit, who has to wait some seconds. It tells the minutes."""
    minutes = -(-seconds // 60)
    return translator.ngettext(
        "Many reports came from your network. Nothing was sent; send it again in %(number)s minute.",
        "Many reports came from your network. Nothing was sent; send it again in %(number)s minutes.",
        minutes,
    )
