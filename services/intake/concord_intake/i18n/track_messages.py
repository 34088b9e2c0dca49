"""Texts of the pages on which reporters follow a concern: what was done, remedies, and why something cannot be done."""

from collections.abc import Mapping

from concord_contracts.messages.answers import ANSWER_LIMIT
from concord_i18n.translator import N_, Translator
from concord_intake.domain.feedback import EXTENTS, RATINGS
from concord_intake.i18n import feedback_messages, report_messages

EXTENT_LABELS: Mapping[str, str] = {
    "fixed": N_("It is fixed"),
    "partly": N_("It is fixed in part"),
    "not_fixed": N_("It is not fixed"),
    "cannot_tell": N_("I cannot tell"),
}
DONE: Mapping[str, str] = {
    "answer": N_("Thank you. The team gets what you wrote."),
    "fixed": N_("Thank you for your answer."),
    "reopened": N_("Thank you. Your concern is being opened again."),
    "withdraw": N_("You took it back. The team stops its work on it."),
    "contact": N_("We write to you from now on."),
    "stop": N_("You get no more mails about this concern. The receipt still opens this page."),
}
REFUSED: Mapping[str, str] = {
    "ConcernNotOpen": N_("The city has finished with this concern, so nobody would read it. Please report a new one."),
    "ConcernFinished": N_("The city has finished with this concern. You cannot take it back any more."),
    "NothingToJudge": N_("There is no result to answer to just now. If something is missing, write to the team."),
    "NoMailsToStop": N_("No mails go out for this concern. There is nothing to stop."),
    "AlreadyAnswered": N_("You have answered before, and that answer is with us."),
    "IdempotencyKeyReused": N_(
        "You have sent this form before with other words, and we have those. Please send it again."
    ),
}
"""Reasons that an action has no effect, by the name of its error."""


def extent_choices(translator: Translator) -> list[tuple[str, str]]:
    """Return the value and the label of each answer to the question whether it is fixed."""
    return [(extent, translator.gettext(EXTENT_LABELS[extent])) for extent in EXTENTS]


def wrong_receipt(translator: Translator) -> str:
    """Return the remedy for a number whose check digit or length is wrong."""
    return translator.gettext("One digit is wrong or missing. The number has sixteen digits.")


def unknown_receipt(translator: Translator) -> str:
    """Return the remedy for a number that opens nothing."""
    return translator.gettext("We have no concern with this number. Please compare it with your receipt.")


def ended_link(translator: Translator) -> str:
    """Return the remedy for a link that has expired."""
    return translator.gettext("This link has ended. Open the one in a later mail, or type the number of your receipt.")


def invalid_link(translator: Translator) -> str:
    """Return the remedy for a link that is cut or changed."""
    return translator.gettext("This link is not complete. Open the mail again, or type the number of your receipt.")


def field_error(field: str, translator: Translator) -> str:
    """Return the remedy for a wrong field of the page's forms."""
    _ = translator.gettext
    if field == "words":
        return _("Write what the team should know, in up to %(limit)s characters.", limit=str(ANSWER_LIMIT))
    if field == "extent":
        return _("Please say whether it is fixed.")
    if field == "reason" or field in RATINGS:
        return feedback_messages.field_error(field, translator)
    return report_messages.field_error(field, translator, 0)
