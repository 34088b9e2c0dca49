"""How an attempt to send went, in the words of the mail server's remedy."""

from dataclasses import dataclass
from enum import StrEnum


class Remedy(StrEnum):
    NONE = "none"  # handed over
    LATER = "later"  # this mail failed for a passing cause: try it again later
    NEVER = "never"  # this mail will never be taken
    REST = "rest"  # the server is away or takes nothing from us: leave it in peace for a while
    UNTRIED = "untried"  # the attempt was not begun
    UNSENDABLE = "unsendable"  # not begun and never will be: what there is as an address cannot be one
    NO_ADDRESS = "no_address"  # not begun and never will be: there is no address
    SPENT = "spent"  # not begun and never will be: a process died at the last attempt allowed


@dataclass(frozen=True, slots=True)
class Result:
    """`cause` is a short code for logs and metrics, never the server's text: that may quote the address.

    `unsure` means the connection ended after the mail was written and before the server answered.
    """

    remedy: Remedy
    cause: str = ""
    unsure: bool = False


SENT = Result(Remedy.NONE)
UNTRIED = Result(Remedy.UNTRIED)
