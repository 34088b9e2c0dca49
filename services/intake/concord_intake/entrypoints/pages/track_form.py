"""The forms of the page on which a reporter follows a concern: what they hold, as the JSON of the same actions."""

from collections.abc import Mapping
from typing import Any

from concord_intake.application.follow_up import FollowedConcern, FollowUp
from concord_intake.application.reporter_access import Access, ByLink, ByReceipt
from concord_intake.domain.concern import Contact
from concord_intake.domain.feedback import RATINGS, REOPENING
from concord_intake.domain.receipt import DIGITS, check_digit, ungrouped
from concord_intake.entrypoints import follow_up_schemas as schemas
from concord_pages import page_text
from concord_web import Query

ANSWER, FEEDBACK, WITHDRAW, CONTACT, STOP = "answer", "feedback", "withdraw", "contact", "stop"
FIELDS_OF: Mapping[str, tuple[str, ...]] = {
    ANSWER: ("words",),
    FEEDBACK: ("extent", "reason", *RATINGS),
    WITHDRAW: (),
    CONTACT: ("name", "email", "phone", "contact_language"),
    STOP: (),
}
"""The fields of each form, in the order of the page."""
LIMITED = (ANSWER, CONTACT)
"""The forms that send something to others: the limit of reports holds for them too."""
_RATINGS = frozenset("12345")


def is_receipt(typed: str) -> bool:
    """Return whether the number has sixteen digits and the right check digit, as a receipt has."""
    digits = ungrouped(typed)
    well_formed = len(digits) == DIGITS and digits.isascii() and digits.isdecimal()
    return well_formed and check_digit(digits[:-1]) == int(digits[-1])


def typed_values(action: str, form: Query) -> dict[str, str]:
    return {name: page_text(form.arg(name)) for name in FIELDS_OF[action]}


def act(
    follow_up: FollowUp, action: str, access: Access, values: Mapping[str, str], key: str
) -> tuple[FollowedConcern, str]:
    """Do what the form asks for. Return the concern after it, and the name of the thanks.

    Raises marshmallow's ValidationError for a wrong field, and the errors of FollowUp.
    """
    given = {name: text for name, text in values.items() if text}
    if action == ANSWER:
        _, words = schemas.parse_answer({"words": values["words"]}, "")
        return follow_up.answer(access, words, key), "answer"
    if action == FEEDBACK:
        _, judgement = schemas.parse_judgement(_numbers(given), "")
        thanks = "reopened" if judgement["extent"] in REOPENING else "fixed"
        return follow_up.give_feedback(access, **judgement, key=key), thanks
    if action == CONTACT:
        return follow_up.set_contact(access, _contact(given), key), "contact"
    if action == STOP:
        return follow_up.stop_mails(access, key), "stop"
    return follow_up.withdraw(access, key), "withdraw"


def access_of(token: str | None, receipt: str) -> Access:
    return ByReceipt(receipt) if token is None else ByLink(token)


def _numbers(given: Mapping[str, str]) -> dict[str, Any]:
    """Return the values with ratings as numbers, where they are numbers."""
    return {name: int(text) if name in RATINGS and text in _RATINGS else text for name, text in given.items()}


def _contact(given: Mapping[str, str]) -> Contact:
    named = {("language" if name == "contact_language" else name): text for name, text in given.items()}
    _, contact = schemas.parse_contact(named, "")
    return contact
