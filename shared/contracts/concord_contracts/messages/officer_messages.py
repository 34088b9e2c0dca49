"""Private officer messages: texts that an officer writes for one resident, for the mail and for the receipt's page."""

from datetime import datetime

from concord_contracts.fields import count, instant, message, one_of, text, wire

WORDS = ("update", "renegotiate", "refer", "resolve", "decline", "reopen")
WORD_LIMIT = 2000
WHERE_LIMIT = 500
PARTNER_LIMIT = 200


@message
class OfficerMessage:
    """The text of an officer message. It belongs to the public event `cause_id`, which has no text."""

    concern_id: str = wire(text(), "the concern")
    case_id: str = wire(text(), "the case of the concern")
    word: str = wire(one_of(*WORDS), "the command with which the officer wrote it")
    cause_id: str = wire(text(), "id of the public event that it belongs to")
    cause_sequence: int = wire(count(1), "sequence of that event")
    words: str = wire(text(WORD_LIMIT), "the officer's text")
    where_to_go: str | None = wire(text(WHERE_LIMIT, optional=True), "where to go instead, for a declined concern")
    partner: str | None = wire(text(PARTNER_LIMIT, optional=True), "who has the case now, for a referred concern")
    due_at: datetime | None = wire(instant(optional=True), "due time of the new promise, if any", "UTC")
    given_at: datetime = wire(instant(), "when the officer wrote it", "UTC")


@message
class WordGiven(OfficerMessage):
    """An officer message to the reporter, for notification alone."""

    TYPE = "word.given.v1"


@message
class WordRecorded(OfficerMessage):
    """The same officer message for intake alone, which shows it to anyone with the concern's receipt."""

    TYPE = "word.recorded.v1"
