"""Texts of the feedback page outside its templates: pages without a form, labels and errors."""

from collections.abc import Callable, Mapping

from concord_contracts.feedback_links import LIFETIME
from concord_contracts.messages.feedback import OBJECTION_LIMIT
from concord_i18n.translator import N_, Translator
from concord_intake.domain.feedback import RATINGS

Page = tuple[str, ...]
"""A title and paragraphs."""

RATING_LABELS: Mapping[str, str] = {
    "voice": N_("I could say what mattered."),
    "respect": N_("I was treated with respect."),
    "neutrality": N_("It was handled the same as for anyone."),
    "motives": N_("They tried to do what is best for people here."),
}


def feedback_accepted(translator: Translator, *, fixed: bool) -> str:
    """Return the thanks for feedback sent as JSON."""
    _ = translator.gettext
    return _("Thank you for your answer.") if fixed else _("Thank you. Your concern is being opened again.")


def rating_labels(translator: Translator) -> list[tuple[str, str]]:
    """Return the field and the label of each rating, in the order of the form."""
    return [(name, translator.gettext(RATING_LABELS[name])) for name in RATINGS]


def field_error(field: str, translator: Translator) -> str:
    """Return the remedy for a wrong field of the form."""
    _ = translator.gettext
    if field in RATINGS:
        return _("Please choose a number from 1 to 5, or none.")
    if field == "fixed":
        return _("Please say whether it is fixed.")
    return _("Please say what is still wrong, in up to %(limit)s characters.", limit=OBJECTION_LIMIT)


def _fixed(translator: Translator) -> Page:
    _ = translator.gettext
    return _("Thank you"), _("We are glad that it is fixed. Your answer is with us.")


def _open_again(translator: Translator) -> Page:
    _ = translator.gettext
    return (
        _("Thank you for telling us"),
        _("Your concern is being opened again. We will write to you when that is done, and by when you will hear."),
    )


def _used(translator: Translator) -> Page:
    _ = translator.gettext
    return (
        _("You have answered already"),
        _("This page can be used once, and your answer is with us."),
        _("If something new is wrong, please report it as a new concern."),
    )


def _ended(translator: Translator) -> Page:
    _ = translator.gettext
    return (
        _("This page has ended"),
        translator.ngettext(
            "It could be used for %(number)s day after the mail.",
            "It could be used for %(number)s days after the mail.",
            LIFETIME.days,
        ),
        _("If it is not fixed, please report it again as a new concern."),
    )


def _invalid_link(translator: Translator) -> Page:
    _ = translator.gettext
    return (
        _("This link does not work"),
        _("Please open the link of the mail again, or copy all of it: a part may be missing."),
    )


def _unavailable(translator: Translator) -> Page:
    _ = translator.gettext
    return _("Please try again shortly"), _("We cannot do this just now. Nothing was sent.")


def _refused(translator: Translator) -> Page:
    _ = translator.gettext
    return _("This could not be read"), _("Please go back to the page, and send it again.")


MESSAGE_PAGES: Mapping[str, Callable[[Translator], Page]] = {
    "fixed": _fixed,
    "open_again": _open_again,
    "used": _used,
    "ended": _ended,
    "invalid_link": _invalid_link,
    "unavailable": _unavailable,
    "refused": _refused,
}
"""The pages without a form."""
