"""Messages about what a reporter and the team say to one another after the report, and who looked at the concern."""

from datetime import datetime

from concord_contracts.fields import count, flag, instant, message, one_of, text, wire
from concord_contracts.messages.cases import CaseEvent
from concord_contracts.messages.feedback import ReporterEvent

ANSWER_LIMIT = 2000
LOOKS = ("concern", "contact")


@message
class AnswerGiven:
    """The reporter's answer to a question, or an addition to the concern, for routing alone."""

    TYPE = "answer.given.v1"

    concern_id: str = wire(text(), "the concern")
    words: str = wire(text(ANSWER_LIMIT), "the reporter's text")
    given_at: datetime = wire(instant(), "when the reporter wrote it", "UTC")


@message
class ConcernAnswered(CaseEvent):
    """The team has got the reporter's answer or addition. Public: without its text."""

    TYPE = "concern.answered.v1"

    answered_at: datetime = wire(instant(), "when the reporter wrote it", "UTC")
    was_waiting: bool = wire(flag(), "the team had asked and waited for it")


@message
class ConcernUnanswered(CaseEvent):
    """The reporter has not answered a question of the team for days."""

    TYPE = "concern.unanswered.v1"

    asked_at: datetime = wire(instant(), "when the team asked", "UTC")
    days: int = wire(count(1), "how long the team waited before it said so", "days")
    noticed_at: datetime = wire(instant(), "when routing noticed it", "UTC")


@message
class FeedbackUndecided(ReporterEvent):
    """The reporter cannot tell whether the problem is fixed. It counts as an answer to that resolution."""

    TYPE = "feedback.undecided.v1"

    resolution: int = wire(count(1), "sequence of the event that announced the resolution")
    given_at: datetime = wire(instant(), "when the reporter answered", "UTC")


@message
class ContactRecorded:
    """The reporter's contact for routing alone, which shows it to an officer on demand. The newest one counts."""

    TYPE = "contact.recorded.v1"

    concern_id: str = wire(text(), "the concern")
    name: str | None = wire(text(200, optional=True), "the reporter's name")
    email: str | None = wire(text(254, optional=True), "e-mail address")
    phone: str | None = wire(text(32, optional=True), "telephone number, in E.164 form if possible")
    language: str = wire(text(35), "language of the notices, BCP 47")
    given_at: datetime = wire(instant(), "when the reporter gave it", "UTC")


@message
class AccessRecorded:
    """A person looked at the concern's words or contact, for intake alone, which counts it for the reporter."""

    TYPE = "access.recorded.v1"

    concern_id: str = wire(text(), "the concern")
    part: str = wire(one_of(*LOOKS), "what the person saw of it")
    accessed_at: datetime = wire(instant(), "when", "UTC")
