"""The ports of routing: its store, and the values that go in and out of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from concord_access import EVERYWHERE, Scope
from concord_access.ports import AuditLog, KeyStore
from concord_routing.domain.case import ROUTED, TRIAGE, Case, Task
from concord_routing.domain.deadline_checks import DuePromise, SilentCase, UnansweredCase
from concord_routing.domain.desk_lists import DeskFilter
from concord_routing.domain.desk_session import DeskSession
from concord_routing.domain.history import HistoryEntry
from concord_routing.domain.looks import Look
from concord_routing.domain.promise import Promise
from concord_routing.domain.resident_words import Contact, SealedContact, Submission


@dataclass(frozen=True, slots=True)
class CaseFilter:
    """A filter of cases; None matches any value. `is_open` leaves out cases that have ended.

    `within` limits them to the cases that the sender may read.
    """

    area: str | None = None
    team: str | None = None
    state: str | None = None
    status: str | None = None
    category: str | None = None
    reason: str | None = None
    concern_id: str | None = None
    promise: str | None = None
    assignee: str | None = None
    is_open: bool = False
    within: Scope = EVERYWHERE


class PromiseStatus(NamedTuple):
    """The standing and the sequence of the case at a `place` in the order of opening, after a deadline check."""

    place: int
    promise: str
    sequence: int


@dataclass(frozen=True, slots=True)
class DueCursor:
    """A position in the order of promised responses: the earliest first, cases without a promise at the end."""

    respond_by: datetime | None
    seq: int


@dataclass(frozen=True, slots=True)
class IdempotencyRecord:
    """A stored idempotency key, a digest of its request (`fingerprint`), and the response if there is one yet."""

    key: str
    fingerprint: bytes
    claimed_at: datetime
    version: int = 0
    answer: str = ""


@dataclass(frozen=True, slots=True)
class Counts:
    """The numbers of cases by outcome, without the outcomes that never occurred, and of open tasks by kind."""

    by_outcome: Mapping[str, int]
    tasks_open: int
    missed_open: int = 0
    silent_open: int = 0
    answered_open: int = 0
    unanswered_open: int = 0

    @property
    def cases(self) -> int:
        return sum(self.by_outcome.values())

    @property
    def routed(self) -> int:
        return self.by_outcome.get(ROUTED, 0)

    @property
    def unroutable(self) -> int:
        return self.cases - self.routed


class DeskSessions(Protocol):
    """The sessions of officers at the desk, each by the digest of its token."""

    def add(self, session: DeskSession) -> None: ...

    def find(self, digest: str) -> DeskSession | None:
        """Return the session, also one that has ended and is still there."""

    def seen(self, digest: str, at: datetime) -> None:
        """Record the time of a page. An earlier time changes nothing."""

    def end(self, digest: str) -> None: ...

    def end_all(self, subject: str) -> None:
        """End every session of a person or a key."""

    def sweep(self, now: datetime, limit: int) -> int:
        """Delete at most `limit` sessions that have ended by `now`, and return their number."""


class ResidentWords(Protocol):
    """Decrypts what residents wrote. Each method returns None if the key of its ciphertext no longer exists."""

    def submission(self, sealed: str) -> Submission | None: ...

    def objection(self, sealed: str) -> str | None: ...

    def answer(self, sealed: str) -> str | None: ...

    def contact(self, sealed: str) -> Contact | None: ...


@dataclass(frozen=True, slots=True)
class DeskCounts:
    """The lengths of an officer's lists: open cases with a response due by a time, and those assigned to the officer.

    The others are open tasks by kind.
    """

    due: int
    mine: int
    tasks: Mapping[str, int]


class Store(Protocol):
    """The cases with their promises, history and tasks, the API keys and the audit, in one transaction."""

    @property
    def keys(self) -> KeyStore: ...

    @property
    def audit(self) -> AuditLog: ...

    @property
    def sessions(self) -> DeskSessions: ...

    def add_cases(self, cases: Sequence[Case]) -> list[Case]:
        """Add the cases of concerns that have no case yet, and return them.

        Another process may add cases of the same concerns at the same time: one of the two succeeds. The concerns are
        distinct, the case ids new.
        """

    def add_tasks(self, tasks: Sequence[Task]) -> None:
        """Add tasks. A task replaces the one of its kind and case, open or done."""

    def case(self, case_id: str) -> Case | None:
        """Return the case with this id."""

    def lock(self, case_id: str) -> Case | None:
        """Return the case with this id, and keep others from changing it until the transaction ends."""

    def lock_by_concern(self, concern_id: str) -> Case | None:
        """Return and lock the case of a concern."""

    def promises(self, case_id: str) -> list[Promise]:
        """Return all promises of a case in the order of their numbers."""

    def save_promises(self, promises: Sequence[Promise]) -> None:
        """Insert or update promises of new or locked cases, each at most once."""

    def due_promises(self, now: datetime, limit: int) -> list[DuePromise]:
        """Return the `limit` promises with the earliest due checks, and all due ones of the same cases, by time.

        Locks their cases until the transaction ends, and skips cases that another process has locked. It may return
        fewer than `limit`, but an empty list only if no more checks are due.
        """

    def set_promise_states(self, state: str, promises: Sequence[tuple[str, int]]) -> None:
        """Set locked promises, each by case id and number, to `missed` or `at_risk`."""

    def silent_cases(self, now: datetime, limit: int) -> list[SilentCase]:
        """Return and lock open cases whose silence begins by `now`, as `due_promises` does."""

    def save_promise_statuses(self, statuses: Sequence[PromiseStatus]) -> None:
        """Save the standings of locked cases."""

    def clear_silence_timers(self, cases: Sequence[tuple[str, int]]) -> None:
        """End the silence check of locked cases, each by its id and its new sequence."""

    def unanswered_cases(self, asked_before: datetime, limit: int) -> list[UnansweredCase]:
        """Return and lock cases whose question is open since before a time, as `due_promises` does."""

    def clear_question_timers(self, cases: Sequence[tuple[str, int]]) -> None:
        """End the check of an open question of locked cases, each by its id and its new sequence."""

    def save(self, case: Case, entry: HistoryEntry) -> bool:
        """Update a case and add its history entry; False if the stored case is not the version before this one."""

    def note_history(self, concern_id: str, sequence: int) -> bool:
        """Note the sequence of the latest state of a concern's imported history; False if it is not a later one."""

    def history(self, case_id: str) -> list[HistoryEntry]:
        """Return the entries of a case, oldest first."""

    def save_contacts(self, contacts: Sequence[SealedContact]) -> None:
        """Store the contacts of distinct concerns. One with a lower sequence than the stored one changes nothing."""

    def contact(self, concern_id: str) -> str | None:
        """Return the encrypted contact of a concern; None if its reporter gave none."""

    def last_look(self, case_id: str, actor: str, part: str) -> datetime | None:
        """Return the time of the last look of a person at the concern or the contact of a locked case."""

    def note_look(self, look: Look) -> None:
        """Store a look in place of the last one of its person at the same thing."""

    def delete_looks(self, before: datetime, limit: int) -> int:
        """Delete at most `limit` looks before a time, and return their number."""

    def claim_idempotency_key(self, record: IdempotencyRecord, expired: datetime) -> IdempotencyRecord:
        """Store the key unless a record since `expired` has it, and return the record that has it now.

        If several processes do so, the first wins and the others wait for its commit.
        """

    def save_response(self, record: IdempotencyRecord) -> None:
        """Store the response of a claimed key."""

    def delete_expired_keys(self, expired: datetime, limit: int) -> int:
        """Delete at most `limit` keys claimed before `expired`, and return their number."""

    def cases(self, where: CaseFilter, after: int, limit: int) -> list[tuple[int, Case]]:
        """Return cases with their place in the order of opening, from the place after `after`."""

    def cases_by_due(self, where: CaseFilter, after: DueCursor | None, limit: int) -> list[tuple[DueCursor, Case]]:
        """Return cases with their position in the order of promised responses, from the position after `after`."""

    def desk_list(self, where: DeskFilter, after: DueCursor | None, limit: int) -> list[tuple[DueCursor, Case]]:
        """Return cases of a list of the desk by their promised response, from the position after `after`."""

    def desk_count(self, where: DeskFilter) -> int:
        """Return the number of cases on a list of the desk, at most MOST_COUNTED."""

    def newest_open_cases(self, within: Scope, limit: int, before: int | None = None) -> list[tuple[int, Case]]:
        """Return open cases with their place in the order of opening, the newest first, from before a place on."""

    def desk_counts(self, subject: str, due_before: datetime, cases_within: Scope, tasks_within: Scope) -> DeskCounts:
        """Count the open cases that are due before a time, those of a person, and the open tasks by kind."""

    def set_task(self, case_id: str, kind: str = TRIAGE, *, is_open: bool) -> None:
        """Open a task of a case again, or set it to done. Does nothing if there is no such task."""

    def tasks(
        self, after: int, limit: int, within: Scope = EVERYWHERE, kind: str | None = None
    ) -> list[tuple[int, Task]]:
        """Return open tasks of the cases `within` a scope, with their place, from the place after `after`."""

    def stranded_cases(self, teams: Sequence[str], areas: Sequence[str], limit: int) -> list[Case]:
        """Return and lock open cases with another team than `teams` or another area than `areas`, oldest first.

        It leaves out cases in triage, and cases for which a person has the task to choose a team.
        """

    def count_stranded_cases(self, teams: Sequence[str], areas: Sequence[str]) -> int:
        """Return the number of all such cases."""

    def set_live_city(self, digest: str, now: datetime) -> str | None:
        """Set the digest of the live city, and return the one before; None if there was none.

        If several processes do so, each waits for the commit of the one before.
        """

    def counts(self) -> Counts:
        """Return the counts, at the same cost for any number of cases."""
