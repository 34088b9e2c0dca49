"""What an officer writes for one resident, privately: for the mail, and for the page that the receipt opens."""

from datetime import datetime

from concord_contracts.fields import count, instant, message, one_of, text, wire

WORDS = ("update", "renegotiate", "refer", "resolve", "decline", "reopen")
WORD_LIMIT = 2000
WHERE_LIMIT = 500
PARTNER_LIMIT = 200


@message
class WordGiven:
    """An officer's words to the reporter, for notification alone.

    They belong to the public event `cause_id`, which tells everybody that something was done, never in whose words.
    """

    concern_id: str = wire(text(), "the concern")
    case_id: str = wire(text(), "its case")
    word: str = wire(one_of(*WORDS), "on which occasion")
    cause_id: str = wire(text(), "id of the public event it belongs to")
    cause_sequence: int = wire(count(1), "sequence of that event")
    words: str = wire(text(WORD_LIMIT), "the officer's words")
    where_to_go: str | None = wire(text(WHERE_LIMIT, optional=True), "where to go instead, when declined")
    partner: str | None = wire(text(PARTNER_LIMIT, optional=True), "who takes it, when referred")
    due_at: datetime | None = wire(instant(optional=True), "by when something is promised now, if it is", "UTC")
    given_at: datetime = wire(instant(), "when it was written", "UTC")


@message
class WordRecorded:
    """The same words for intake alone, which shows them to whoever has the concern's receipt."""

    concern_id: str = wire(text(), "the concern")
    case_id: str = wire(text(), "its case")
    word: str = wire(one_of(*WORDS), "on which occasion")
    cause_id: str = wire(text(), "id of the public event it belongs to")
    cause_sequence: int = wire(count(1), "sequence of that event")
    words: str = wire(text(WORD_LIMIT), "the officer's words")
    where_to_go: str | None = wire(text(WHERE_LIMIT, optional=True), "where to go instead, when declined")
    partner: str | None = wire(text(PARTNER_LIMIT, optional=True), "who takes it, when referred")
    due_at: datetime | None = wire(instant(optional=True), "by when something is promised now, if it is", "UTC")
    given_at: datetime = wire(instant(), "when it was written", "UTC")
