"""Schemas of the requests after the report, with their receipt or with the token of the link in a mail."""

from collections.abc import Mapping
from typing import Any

from marshmallow import ValidationError, validates_schema

from concord_contracts.messages.answers import ANSWER_LIMIT
from concord_contracts.messages.feedback import OBJECTION_LIMIT
from concord_contracts.signed_links import MAX_CHARACTERS
from concord_intake.application.reporter_access import Access, ByLink, ByReceipt
from concord_intake.domain.concern import Contact
from concord_intake.domain.feedback import EXTENTS, REOPENING
from concord_intake.entrypoints import field_validators as v
from concord_intake.entrypoints.feedback_schemas import REASON_REQUIRED, rating
from concord_intake.entrypoints.request_schemas import ContactSchema, OptionalText
from concord_web.fields import Choice, Strict, Text

LINK = "link"
_ABOUT_LINK = "the last part of the link in a mail, in place of the receipt"


class MultilineText(Text):
    """A text of several lines. A line end counts as one character, also the two of Windows and of forms."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        typed = value.replace("\r\n", "\n") if isinstance(value, str) else value
        return super()._deserialize(typed, attr, data, **kwargs)


class WithdrawalSchema(Strict):
    """A withdrawal by link. With a receipt the body may be absent."""

    link = OptionalText(MAX_CHARACTERS, _ABOUT_LINK, v.single_line)


class AnswerSchema(WithdrawalSchema):
    """An answer to the team's question, or an addition to the concern."""

    words = MultilineText(ANSWER_LIMIT, "the reporter's words, for the team", check=v.multiline_text, required=True)


class JudgementSchema(WithdrawalSchema):
    """The reporter's answer to the question whether the problem is fixed."""

    extent = Choice(EXTENTS, "how much of it is fixed", required=True)
    reason = MultilineText(
        OBJECTION_LIMIT,
        "what is not fixed; required if it is fixed partly or not",
        check=v.multiline_text,
        load_default=None,
        allow_none=True,
    )
    voice = rating("could say what mattered")
    respect = rating("was treated with respect")
    neutrality = rating("was handled the same as for anyone")
    motives = rating("they tried to do what is best for people here")

    @validates_schema
    def _has_reason(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        if data["extent"] in REOPENING and data.get("reason") is None:
            raise ValidationError({"reason": [REASON_REQUIRED]})


class NewContactSchema(WithdrawalSchema, ContactSchema):
    """A contact that the reporter adds. It replaces the one from before."""


_WITHDRAWAL, _ANSWER, _JUDGEMENT, _CONTACT = WithdrawalSchema(), AnswerSchema(), JudgementSchema(), NewContactSchema()


def parse_withdrawal(raw: Any, receipt: str) -> Access:
    """Return who withdraws. Each function raises marshmallow's ValidationError, which names the field."""
    return _access(_WITHDRAWAL.load(raw), receipt)


def parse_answer(raw: Any, receipt: str) -> tuple[Access, str]:
    """Return who answers, and the words."""
    values = _ANSWER.load(raw)
    return _access(values, receipt), values["words"]


def parse_judgement(raw: Any, receipt: str) -> tuple[Access, dict[str, Any]]:
    """Return who judges, and the arguments `extent`, `reason` and `ratings` of `FollowUp.give_feedback`."""
    values = dict(_JUDGEMENT.load(raw))
    access = _access(values, receipt)
    values.pop(LINK)
    return access, {"extent": values.pop("extent"), "reason": values.pop("reason"), "ratings": values}


def parse_contact(raw: Any, receipt: str) -> tuple[Access, Contact]:
    """Return who adds a contact, and the contact. Its language is empty unless the reporter chose one."""
    values = _CONTACT.load(raw)
    contact = Contact(values["name"], values["email"], values["phone"], values["language"] or "")
    return _access(values, receipt), contact


def _access(values: Mapping[str, Any], receipt: str) -> Access:
    link = values[LINK]
    return ByReceipt(receipt) if link is None else ByLink(link)
