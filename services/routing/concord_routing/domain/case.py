"""A case: routing's record of one concern, with its state, its team and its promised times."""

from dataclasses import dataclass
from datetime import datetime
from random import getrandbits

from concord_contracts.messages.routing import UNROUTABLE_REASONS

ROUTED = "routed"
TRIAGE = "triage"
STATUSES = (ROUTED, TRIAGE)
"""The state in which routing opens a case. The present state is one of STATES."""
OUTCOMES = (ROUTED, *UNROUTABLE_REASONS)
"""The results of the rules for a concern: a team, or the reason why no rule fits."""

RECEIVED = "received"
ACKNOWLEDGED = "acknowledged"
IN_PROGRESS = "in_progress"
WAITING = "waiting_for_resident"
REFERRED = "referred"
RESOLVED = "resolved"
CLOSED = "closed"
REOPENED = "reopened"
WITHDRAWN = "withdrawn"
DECLINED = "declined"

STATES = (
    RECEIVED,
    TRIAGE,
    ROUTED,
    ACKNOWLEDGED,
    IN_PROGRESS,
    WAITING,
    REFERRED,
    RESOLVED,
    DECLINED,
    WITHDRAWN,
    REOPENED,
    CLOSED,
)
WITH_TEAM = (ROUTED, ACKNOWLEDGED, IN_PROGRESS, WAITING, REOPENED)
"""States in which a team of the city has to act."""
OPEN_STATES = (TRIAGE, *WITH_TEAM, REFERRED)

RULES, OFFICER, RESIDENT, HISTORY = "rules", "officer", "resident", "history"
"""Actors that change a case. `history` stands for the city's own records of an imported concern."""

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no letter that reads like a digit."""

PAIRS = [first + second for first in ALPHABET for second in ALPHABET]
PAIR_BITS = 10

CORRECTIONS = str.maketrans("OIL", "011", "- ")
"""Letters that people write for digits, and separators to drop."""

ID_LENGTH = 10


@dataclass(frozen=True, slots=True)
class Case:
    """A case. Each concern has exactly one.

    A routed case has an area, a team and promised times. A case from triage keeps its `reason`, also with a team.
    `submission` holds the encrypted concern with its text and exact place. Times are UTC.
    `sequence` belongs to the last event of the case. `version` rises with each change by a person.
    `last_word_at` is the time of the last officer message. `silent_at` is the time at which silence begins; None
    for a case that has ended or whose silence is known. `promise` is the case's standing: the worst promise that is
    not done, `missed` or `at_risk`, or None. `asked_at` is the time of the team's question while it waits for the
    resident; None once the answer came, or once routing has told that none came. `assignee` is the person of the
    team who has the case, such as `user:7f3a`, or None. CONTRIBUTING.md, change 11, lists the places of a new field.
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
    asked_at: datetime | None = None
    assignee: str | None = None

    @property
    def status(self) -> str:
        """The state at its opening, one of STATUSES."""
        return ROUTED if self.reason is None else TRIAGE

    @property
    def outcome(self) -> str:
        """One of OUTCOMES."""
        return self.reason or ROUTED


MISSED_TASK, SILENT_TASK = "promise_missed", "silent"
ANSWERED_TASK, UNANSWERED_TASK = "answered", "unanswered"
TASK_KINDS = (TRIAGE, MISSED_TASK, SILENT_TASK, ANSWERED_TASK, UNANSWERED_TASK)
ASKED, ADDED = "answer", "addition"
"""The reasons of a task `answered`: the team had asked, or the reporter wrote unasked."""


@dataclass(frozen=True, slots=True)
class Task:
    """Work that waits for a person. A case has at most one task of each kind.

    `triage`: choose the team. `promise_missed`: the supervisor of the team sees to the promise named in `reason`.
    `silent`: send the resident a message. `answered`: read what the reporter wrote. `unanswered`: ask again, or decide
    without the answer. The store fills in `team`, the case's present team, when it reads a task.
    """

    case_id: str
    reason: str
    opened_at: datetime
    state: str = "open"
    kind: str = TRIAGE
    team: str | None = None


def new_case_ids(number: int) -> list[str]:
    """Return ids for cases opened together: ten characters each, easy to read out on the telephone, 50 random bits.

    All ids of a batch share the first two characters. The cases, their promises and every index of them then grow at
    one place of the database. With unrelated ids, a batch of 800 reads and writes a thousand pages.
    """
    prefix = PAIRS[getrandbits(PAIR_BITS)]
    return [prefix + _random_text(ID_LENGTH - len(prefix)) for _ in range(number)]


def _random_text(length: int) -> str:
    bits = getrandbits(5 * length)
    return "".join([PAIRS[bits >> shift & 1023] for shift in range(0, 5 * length, PAIR_BITS)])


def read_case_id(text: str) -> str:
    """Return the case id for a text that somebody wrote down: small letters, O for 0, I or L for 1, with gaps."""
    return text.upper().translate(CORRECTIONS)
