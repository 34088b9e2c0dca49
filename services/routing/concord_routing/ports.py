"""What routing needs of the world."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from concord_access import EVERYWHERE, Scope
from concord_access.ports import AuditLog, KeyStore
from concord_routing.domain.case import ROUTED, TRIAGE, Case, Task
from concord_routing.domain.history import Entry
from concord_routing.domain.promise import Promise, promise_id


@dataclass(frozen=True, slots=True)
class Filter:
    """Which cases are asked for; None means any. Of these, those `within` what the asker may see."""

    area: str | None = None
    team: str | None = None
    state: str | None = None
    status: str | None = None
    category: str | None = None
    reason: str | None = None
    concern_id: str | None = None
    promise: str | None = None
    within: Scope = EVERYWHERE


@dataclass(frozen=True, slots=True)
class Watched:
    """As much of a silent case as an event tells. `last_word_at` is when it was received, if nobody gave a word yet."""

    case_id: str
    concern_id: str
    category: str
    area: str | None
    team: str | None
    channel: str
    sequence: int
    last_word_at: datetime


class Due(NamedTuple):
    """A promise that a timer must look at, with as much of its case as an event tells.

    `promise` is the case's, `place` its place in the order of opening.
    A tuple, because a hundred thousand may be due at once.
    """

    place: int
    case_id: str
    concern_id: str
    category: str
    area: str | None
    team: str | None
    channel: str
    sequence: int
    promise: str | None
    number: int
    kind: str
    due_at: datetime
    at_risk_at: datetime

    @property
    def promise_id(self) -> str:
        return promise_id(self.case_id, self.number)


class Standing(NamedTuple):
    """What a timer changes of the case at a `place` in the order of opening."""

    place: int
    promise: str
    sequence: int


@dataclass(frozen=True, slots=True)
class DuePlace:
    """A place in the order of promised responses: the earliest first, those without a promise at the end."""

    respond_by: datetime | None
    seq: int


@dataclass(frozen=True, slots=True)
class KeyClaim:
    """A request that says "once only": its key, what was asked (`fingerprint`), and what it was answered, if it was."""

    key: str
    fingerprint: bytes
    claimed_at: datetime
    version: int = 0
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """How many cases the rules led to each outcome, without those that none had; what waits for a person.

    `tasks_open` are cases that wait for a team, `missed_open` and `silent_open` those of the other kinds.
    """

    by_outcome: Mapping[str, int]
    tasks_open: int
    missed_open: int = 0
    silent_open: int = 0

    @property
    def cases(self) -> int:
        return sum(self.by_outcome.values())

    @property
    def routed(self) -> int:
        return self.by_outcome.get(ROUTED, 0)

    @property
    def unroutable(self) -> int:
        return self.cases - self.routed


class Store(Protocol):
    """Cases, what is done with them, tasks, API keys and the audit, inside one transaction."""

    @property
    def keys(self) -> KeyStore: ...

    @property
    def audit(self) -> AuditLog: ...

    def open(self, cases: Sequence[Case]) -> list[Case]:
        """Keep the cases of concerns that have none yet, also none that another process opens just now; which they are.

        The cases are of distinct concerns and have ids that were never used.
        """

    def add(self, tasks: Sequence[Task]) -> None:
        """Keep tasks; one that the case has of this kind, done or not, is replaced."""

    def case(self, case_id: str) -> Case | None:
        """The case of this id."""

    def lock(self, case_id: str) -> Case | None:
        """The case of this id, which nobody else changes before this transaction ends."""

    def lock_concern(self, concern_id: str) -> Case | None:
        """The same, of the case of a concern."""

    def promises(self, case_id: str) -> list[Promise]:
        """All of a case, in the order in which they were made."""

    def keep_promises(self, promises: Sequence[Promise]) -> None:
        """Keep new and changed promises of cases that are new or locked. Each may be given once."""

    def due_promises(self, now: datetime, limit: int) -> list[Due]:
        """Open promises that a timer must look at: the `limit` earliest, and what else is due of their cases.

        They may be fewer where another process was quicker; none, only if no more are due. They come in the order of
        time. Their cases are locked until this transaction ends, which keeps others from their promises too; what
        another process has locked is left out.
        """

    def mark(self, came_to: str, promises: Sequence[tuple[str, int]]) -> None:
        """Promises, each by its case and number, came to be `missed` or `at_risk`; they are locked."""

    def silent_cases(self, now: datetime, limit: int) -> list[Watched]:
        """Open cases whose silence is to be noticed, locked in the same way."""

    def keep_standings(self, cases: Sequence[Standing]) -> None:
        """Keep what has come of the promises of locked cases."""

    def keep_silent(self, cases: Sequence[tuple[str, int]]) -> None:
        """The silence of locked cases, each by its id and its new sequence, is not noticed again."""

    def keep(self, case: Case, entry: Entry) -> bool:
        """Keep a changed case and the entry about it; False when the case kept is not the version before this one."""

    def history(self, case_id: str) -> list[Entry]:
        """What was done with a case, in order."""

    def claim_key(self, claim: KeyClaim, expired: datetime) -> KeyClaim:
        """Note the key unless somebody has claimed it since `expired`; the claim that holds it now.

        Against other processes the first wins; the others wait for its commit.
        """

    def answer_key(self, claim: KeyClaim) -> None:
        """Keep the answer of a claimed key."""

    def forget_keys(self, expired: datetime, limit: int) -> int:
        """Drop keys claimed before `expired`, at most `limit`; how many were dropped."""

    def cases(self, wanted: Filter, after: int, limit: int) -> list[tuple[int, Case]]:
        """Cases with their place in the order of opening, beginning after a place."""

    def cases_by_due(self, wanted: Filter, after: DuePlace | None, limit: int) -> list[tuple[DuePlace, Case]]:
        """Cases with their place in the order of promised responses, beginning after a place."""

    def set_task(self, case_id: str, kind: str = TRIAGE, *, waits: bool) -> None:
        """A case's task of a kind waits for a person (again), or is done; nothing happens when there is none."""

    def tasks(self, after: int, limit: int, within: Scope = EVERYWHERE) -> list[tuple[int, Task]]:
        """Open tasks of cases `within` a scope, with their place, beginning after a place."""

    def counts(self) -> Counts:
        """Costs the same however many cases there are."""
