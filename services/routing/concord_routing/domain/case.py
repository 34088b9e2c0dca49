"""A case: what routing knows of a concern, and who answers for it by when."""

from dataclasses import dataclass
from datetime import datetime
from random import getrandbits

from concord_contracts.messages.routing import UNROUTABLE_REASONS

ROUTED = "routed"
TRIAGE = "triage"
STATUSES = (ROUTED, TRIAGE)
"""How a case is opened. What it is now is its state, one of `workflow.STATES`."""
OUTCOMES = (ROUTED, *UNROUTABLE_REASONS)
"""What the rules can make of a concern: a team, or one of the reasons why not."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that reads like a digit."""

PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
PAIR_BITS = 10

MISREAD = str.maketrans("OIL", "011", "- ")
"""What people write instead, and what they part the characters with."""

ID_LENGTH = 10


@dataclass(frozen=True, slots=True)
class Case:
    """One for each concern.

    A case that the rules routed has an area, a team and promised times; one that they left to a person keeps the
    `reason` why, also when it has a team at last. `submission` is the concern as it was submitted, still encrypted:
    the words and the exact place. Times are UTC. `sequence` is that of the last event told of the case; `version`
    rises with each change that a person makes, so that who saw an older one can be told. `last_word_at` is the last
    word of an officer to the resident, `silent_at` when their silence will be noticed: None when that is over or done.
    `promise` is the worst of its promises that is not done: `missed`, `at_risk`, or None.
    """

    case_id: str
    concern_id: str
    state: str
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
    version: int = 1
    last_word_at: datetime | None = None
    silent_at: datetime | None = None
    promise: str | None = None

    @property
    def status(self) -> str:
        """How it was opened, one of STATUSES."""
        return ROUTED if self.reason is None else TRIAGE

    @property
    def outcome(self) -> str:
        """One of OUTCOMES."""
        return self.reason or ROUTED


MISSED_TASK, SILENT_TASK = "promise_missed", "silent"
TASK_KINDS = (TRIAGE, MISSED_TASK, SILENT_TASK)


@dataclass(frozen=True, slots=True)
class Task:
    """Something a person must do, at most one of a kind for a case.

    `triage`: choose the team; `promise_missed`: the team's supervisor sees to it that what was promised (`reason`) is
    done; `silent`: the resident gets a word. `team` is the one that has the case now, filled in when it is read.
    """

    case_id: str
    reason: str
    opened_at: datetime
    state: str = "open"
    kind: str = TRIAGE
    team: str | None = None


def new_case_ids(number: int) -> list[str]:
    """Ids for cases opened together: ten characters each that can be read out on the telephone, 50 random bits.

    The first two are the same for all: the cases, their promises and every index of them then grow at one place of the
    database. Ids apart in each would have a batch of 800 read and write a thousand pages.
    """
    first = PAIRS[getrandbits(PAIR_BITS)]
    return [first + _random_text(ID_LENGTH - len(first)) for _ in range(number)]


def _random_text(length: int) -> str:
    bits = getrandbits(5 * length)
    return "".join([PAIRS[bits >> shift & 1023] for shift in range(0, 5 * length, PAIR_BITS)])


def read_case_id(written: str) -> str:
    """A case's id as it was made, from what somebody wrote down: small letters, O for 0, I or L for 1, gaps."""
    return written.upper().translate(MISREAD)
