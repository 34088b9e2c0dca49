"""A case: what routing knows of a concern, and who answers for it by when."""

from dataclasses import dataclass
from datetime import datetime
from random import getrandbits

from concord_contracts.messages.routing import UNROUTABLE_REASONS

ROUTED = "routed"
TRIAGE = "triage"
STATUSES = (ROUTED, TRIAGE)
OUTCOMES = (ROUTED, *UNROUTABLE_REASONS)
"""What the rules can make of a concern: a team, or one of the reasons why not."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that reads like a digit."""

PAIRS = [first + second for first in ALPHABET for second in ALPHABET]

MISREAD = str.maketrans("OIL", "011", "- ")
"""What people write instead, and what they part the characters with."""

ID_LENGTH = 10


@dataclass(frozen=True, slots=True)
class Case:
    """One for each concern.

    A routed case has an area, a team and promised times; one in triage has the `reason` why no rule could decide.
    `submission` is the concern as it was submitted, still encrypted: the words and the exact place. Times are UTC.
    """

    case_id: str
    concern_id: str
    status: str
    category: str
    channel: str
    border: bool
    received_at: datetime
    decided_at: datetime
    submission: str
    area: str | None = None
    team: str | None = None
    reason: str | None = None
    acknowledge_by: datetime | None = None
    respond_by: datetime | None = None
    sequence: int = 1

    @property
    def outcome(self) -> str:
        """One of OUTCOMES."""
        return self.reason or ROUTED


@dataclass(frozen=True, slots=True)
class Task:
    """Something a person must decide: for a case in triage, which team takes it."""

    case_id: str
    reason: str
    opened_at: datetime
    state: str = "open"


def new_case_id() -> str:
    """Ten characters that can be read out on the telephone; 50 random bits."""
    bits = getrandbits(5 * ID_LENGTH)
    return "".join([PAIRS[bits >> shift & 1023] for shift in range(0, 5 * ID_LENGTH, 10)])


def read_case_id(written: str) -> str:
    """A case's id as it was made, from what somebody wrote down: small letters, O for 0, I or L for 1, gaps."""
    return written.upper().translate(MISREAD)
