"""The result of one attempt to send a mail."""

from dataclasses import dataclass
from enum import StrEnum


class SendOutcome(StrEnum):
    SENT = "sent"  # the mail server accepted it
    RETRY = "retry"  # a temporary failure of this mail: try it again later
    REJECTED = "rejected"  # a permanent failure of this mail
    BACK_OFF = "back_off"  # the server is away or refuses all mail from us: stop sending for a while
    NOT_ATTEMPTED = "not_attempted"  # no attempt was made
    INVALID_ADDRESS = "invalid_address"  # no attempt: the recipient's address is not a mailbox
    NO_ADDRESS = "no_address"  # no attempt: there is no address
    EXHAUSTED = "exhausted"  # no attempt: a process stopped during the last one allowed


@dataclass(frozen=True, slots=True)
class SendResult:
    """An outcome. `cause` is a short code for logs and metrics; the server's text may quote the address.

    `maybe_sent` means: the connection ended after the mail was written and before the server answered.
    """

    outcome: SendOutcome
    cause: str = ""
    maybe_sent: bool = False


SENT = SendResult(SendOutcome.SENT)
NOT_ATTEMPTED = SendResult(SendOutcome.NOT_ATTEMPTED)
