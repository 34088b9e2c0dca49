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


def rating_scale(translator: Translator) -> str:
    """Return what the numbers of a rating mean."""
    return translator.gettext("1 means not at all, 5 means fully.")


def field_error(field: str, translator: Translator) -> str:
    """Return the remedy for a wrong field of the form."""
    _ = translator.gettext
    if field in RATINGS:
        return _("Please choose a number from 1 to 5, or none.")
    if field == "fixed":
        return _("Please say whether it is fixed.")
    return _("Please say what is still wrong, in up to %(limit)s characters.", limit=OBJECTION_LIMIT)


def _page(*texts: str) -> Callable[[Translator], Page]:
    return lambda translator: tuple(map(translator.gettext, texts))


MESSAGE_PAGES: Mapping[str, Callable[[Translator], Page]] = {
    "fixed": _page(N_("Thank you"), N_("We are glad that it is fixed. Your answer is with us.")),
    "open_again": _page(
        N_("Thank you for telling us"),
        N_("Your concern is being opened again. We will write to you when that is done, and by when you will hear."),
    ),
    "used": _page(
        N_("You have answered already"),
        N_("This page can be used once, and your answer is with us."),
        N_("If something new is wrong, please report it as a new concern."),
    ),
    "ended": lambda translator: (
        translator.gettext("This page has ended"),
        translator.ngettext(
            "It could be used for %(number)s day after the mail.",
            "It could be used for %(number)s days after the mail.",
            LIFETIME.days,
        ),
        translator.gettext("If it is not fixed, please report it again as a new concern."),
    ),
    "invalid_link": _page(
        N_("This link does not work"),
        N_("Please open the link of the mail again, or copy all of it: a part may be missing."),
    ),
    "unavailable": _page(N_("Please try again shortly"), N_("We cannot do this just now. Nothing was sent.")),
    "refused": _page(N_("This could not be read"), N_("Please go back to the page, and send it again.")),
}
"""The pages without a form."""
