"""The store in memory, for tests."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime

from tests.memory.access import MemoryAudit, MemoryKeys

from concord_access import EVERYWHERE, Scope
from concord_routing.domain.case import OPEN_STATES, REFERRED, TASK_KINDS, TRIAGE, WITH_TEAM, Case, Task
from concord_routing.domain.deadline_checks import DuePromise, SilentCase, UnansweredCase
from concord_routing.domain.desk_lists import MOST_COUNTED, STATES_OF_LIST, TASKS_OF_LIST, DeskFilter
from concord_routing.domain.desk_session import DeskSession
from concord_routing.domain.history import HistoryEntry
from concord_routing.domain.looks import Look
from concord_routing.domain.promise import MISSED, Promise
from concord_routing.domain.resident_words import SealedContact
from concord_routing.ports import CaseFilter, Counts, DeskCounts, DueCursor, IdempotencyRecord, PromiseStatus

NEVER = datetime.max.replace(tzinfo=UTC)


def with_state(promise: Promise, state: str) -> Promise:
    """Return an open promise with the state from its deadline check, one of STANDINGS."""
    if state == MISSED:
        return replace(promise, state=MISSED, wake_at=None)
    return replace(promise, at_risk=True, wake_at=promise.due_at)


class MemoryDeskSessions:
    """See `ports.DeskSessions`."""

    def __init__(self) -> None:
        self._sessions: dict[str, DeskSession] = {}

    def add(self, session: DeskSession) -> None:
        self._sessions[session.digest] = session

    def find(self, digest: str) -> DeskSession | None:
        return self._sessions.get(digest)

    def seen(self, digest: str, at: datetime) -> None:
        session = self._sessions.get(digest)
        if session is not None and session.seen_at < at:
            self._sessions[digest] = replace(session, seen_at=at)

    def end(self, digest: str) -> None:
        self._sessions.pop(digest, None)

    def end_all(self, subject: str) -> None:
        for session in [each for each in self._sessions.values() if each.subject == subject]:
            self.end(session.digest)

    def sweep(self, now: datetime, limit: int) -> int:
        ended = [session for session in self._sessions.values() if not session.live(now)][:limit]
        for session in ended:
            self.end(session.digest)
        return len(ended)


class MemoryStore:
    """See `ports.Store`."""

    def __init__(self) -> None:
        self.keys = MemoryKeys()
        self.audit = MemoryAudit()
        self.sessions = MemoryDeskSessions()
        self._cases: dict[str, Case] = {}
        self._tasks: dict[tuple[str, str], Task] = {}
        self._history: list[HistoryEntry] = []
        self._imported: dict[str, int] = {}
        self._records: dict[str, IdempotencyRecord] = {}
        self._promises: dict[tuple[str, int], Promise] = {}
        self._live_city: str | None = None
        self._contacts: dict[str, SealedContact] = {}
        self._looks: dict[tuple[str, str, str], Look] = {}

    def add_cases(self, cases: Sequence[Case]) -> list[Case]:
        concerns = {case.concern_id for case in self._cases.values()}
        added = [case for case in cases if case.concern_id not in concerns]
        self._cases.update({case.case_id: case for case in added})
        return added

    def add_tasks(self, tasks: Sequence[Task]) -> None:
        self._tasks.update({(task.case_id, task.kind): task for task in tasks})

    def case(self, case_id: str) -> Case | None:
        return self._cases.get(case_id)

    lock = case

    def lock_by_concern(self, concern_id: str) -> Case | None:
        return next((case for case in self._cases.values() if case.concern_id == concern_id), None)

    def promises(self, case_id: str) -> list[Promise]:
        return [self._promises[key] for key in sorted(self._promises) if key[0] == case_id]

    def save_promises(self, promises: Sequence[Promise]) -> None:
        self._promises.update({(promise.case_id, promise.number): promise for promise in promises})

    def due_promises(self, now: datetime, limit: int) -> list[DuePromise]:
        due = [promise for promise in self._promises.values() if promise.wake_at and promise.wake_at < now]
        due.sort(key=lambda promise: promise.wake_at or NEVER)
        case_ids = {promise.case_id for promise in due[:limit]}
        return [self._due(promise) for promise in due if promise.case_id in case_ids]

    def _due(self, promise: Promise) -> DuePromise:
        case = self._cases[promise.case_id]
        values = (getattr(case if hasattr(case, name) else promise, name) for name in DuePromise._fields[1:])
        return DuePromise._make((list(self._cases).index(case.case_id) + 1, *values))

    def set_promise_states(self, state: str, promises: Sequence[tuple[str, int]]) -> None:
        self._promises.update({key: with_state(self._promises[key], state) for key in promises})

    def silent_cases(self, now: datetime, limit: int) -> list[SilentCase]:
        due = [case for case in self._cases.values() if case.silent_at and case.silent_at < now]
        due.sort(key=lambda case: case.silent_at or NEVER)
        return [_silent(case) for case in due[:limit]]

    def save_promise_statuses(self, statuses: Sequence[PromiseStatus]) -> None:
        case_ids = list(self._cases)
        for status in statuses:
            self._change(case_ids[status.place - 1], promise=status.promise, sequence=status.sequence)

    def clear_silence_timers(self, cases: Sequence[tuple[str, int]]) -> None:
        for case_id, sequence in cases:
            self._change(case_id, sequence=sequence, silent_at=None)

    def unanswered_cases(self, asked_before: datetime, limit: int) -> list[UnansweredCase]:
        due = [case for case in self._cases.values() if case.asked_at and case.asked_at < asked_before]
        due.sort(key=lambda case: case.asked_at or NEVER)
        names = [field.name for field in fields(UnansweredCase)]
        return [UnansweredCase(**{name: getattr(case, name) for name in names}) for case in due[:limit]]

    def clear_question_timers(self, cases: Sequence[tuple[str, int]]) -> None:
        for case_id, sequence in cases:
            self._change(case_id, sequence=sequence, asked_at=None)

    def _change(self, case_id: str, **values: object) -> None:
        self._cases[case_id] = replace(self._cases[case_id], **values)  # type: ignore[arg-type]

    def save(self, case: Case, entry: HistoryEntry) -> bool:
        before = self.case(case.case_id)
        if before is None or before.version != case.version - 1:
            return False
        self._cases[case.case_id] = case
        self._history.append(entry)
        return True

    def note_history(self, concern_id: str, sequence: int) -> bool:
        is_later = self._imported.get(concern_id, 0) < sequence
        self._imported[concern_id] = max(self._imported.get(concern_id, 0), sequence)
        return is_later

    def history(self, case_id: str) -> list[HistoryEntry]:
        return [entry for entry in self._history if entry.case_id == case_id]

    def save_contacts(self, contacts: Sequence[SealedContact]) -> None:
        for contact in contacts:
            stored = self._contacts.get(contact.concern_id)
            if stored is None or stored.sequence < contact.sequence:
                self._contacts[contact.concern_id] = contact

    def contact(self, concern_id: str) -> str | None:
        contact = self._contacts.get(concern_id)
        return None if contact is None else contact.sealed

    def last_look(self, case_id: str, actor: str, part: str) -> datetime | None:
        look = self._looks.get((case_id, actor, part))
        return None if look is None else look.at

    def note_look(self, look: Look) -> None:
        self._looks[look.case_id, look.actor, look.part] = look

    def delete_looks(self, before: datetime, limit: int) -> int:
        old = [key for key, look in self._looks.items() if look.at < before][:limit]
        for key in old:
            del self._looks[key]
        return len(old)

    def claim_idempotency_key(self, record: IdempotencyRecord, expired: datetime) -> IdempotencyRecord:
        stored = self._records.get(record.key)
        if stored is None or stored.claimed_at < expired:
            self._records[record.key] = record
        return self._records[record.key]

    def save_response(self, record: IdempotencyRecord) -> None:
        self._records[record.key] = record

    def delete_expired_keys(self, expired: datetime, limit: int) -> int:
        keys = [record.key for record in self._records.values() if record.claimed_at < expired][:limit]
        for key in keys:
            del self._records[key]
        return len(keys)

    def cases(self, where: CaseFilter, after: int, limit: int) -> list[tuple[int, Case]]:
        rows = enumerate(self._cases.values(), 1)
        return [(place, case) for place, case in rows if place > after and _fits(case, where)][:limit]

    def cases_by_due(self, where: CaseFilter, after: DueCursor | None, limit: int) -> list[tuple[DueCursor, Case]]:
        rows = [(DueCursor(case.respond_by, seq), case) for seq, case in self.cases(where, 0, len(self._cases))]
        rows.sort(key=lambda row: _rank(row[0]))
        return [row for row in rows if after is None or _rank(row[0]) > _rank(after)][:limit]

    def tasks(
        self, after: int, limit: int, within: Scope = EVERYWHERE, kind: str | None = None
    ) -> list[tuple[int, Task]]:
        rows = []
        for place, task in enumerate(self._tasks.values(), 1):
            case = self.case(task.case_id)
            if place > after and task.state == "open" and kind in (None, task.kind) and _in_scope(case, within):
                rows.append((place, replace(task, team=case.team if case else None)))
        return rows[:limit]

    def desk_list(self, where: DeskFilter, after: DueCursor | None, limit: int) -> list[tuple[DueCursor, Case]]:
        every = CaseFilter(area=where.area, category=where.category, within=where.within)
        rows = self.cases_by_due(every, after, len(self._cases))
        return [row for row in rows if self._on_list(row[1], where)][:limit]

    def desk_count(self, where: DeskFilter) -> int:
        return len(self.desk_list(where, None, MOST_COUNTED))

    def _on_list(self, case: Case, where: DeskFilter) -> bool:
        if where.assignee not in (None, case.assignee):
            return False
        if where.name in STATES_OF_LIST:
            return case.state in STATES_OF_LIST[where.name]
        tasks = (self._tasks.get((case.case_id, kind)) for kind in TASKS_OF_LIST[where.name])
        return any(task is not None and task.state == "open" for task in tasks)

    def newest_open_cases(self, within: Scope, limit: int, before: int | None = None) -> list[tuple[int, Case]]:
        newest = reversed([*enumerate(self._cases.values(), 1)])
        ours = [row for row in newest if row[1].state in OPEN_STATES and _in_scope(row[1], within)]
        return [row for row in ours if before is None or row[0] < before][:limit]

    def desk_counts(self, subject: str, due_before: datetime, cases_within: Scope, tasks_within: Scope) -> DeskCounts:
        ours = [case for _, case in self.newest_open_cases(cases_within, len(self._cases))]
        kinds = Counter(task.kind for _, task in self.tasks(0, len(self._tasks), tasks_within))
        due = sum(case.respond_by is not None and case.respond_by < due_before for case in ours)
        return DeskCounts(due, sum(case.assignee == subject for case in ours), dict(kinds))

    def set_task(self, case_id: str, kind: str = TRIAGE, *, is_open: bool) -> None:
        task = self._tasks.get((case_id, kind))
        if task is not None:
            self._tasks[case_id, kind] = replace(task, state="open" if is_open else "done")

    def stranded_cases(self, teams: Sequence[str], areas: Sequence[str], limit: int) -> list[Case]:
        return [case for case in self._cases.values() if self._is_stranded(case, teams, areas)][:limit]

    def count_stranded_cases(self, teams: Sequence[str], areas: Sequence[str]) -> int:
        return len(self.stranded_cases(teams, areas, len(self._cases)))

    def _is_stranded(self, case: Case, teams: Sequence[str], areas: Sequence[str]) -> bool:
        task = self._tasks.get((case.case_id, TRIAGE))
        if case.state not in (*WITH_TEAM, REFERRED) or (task and task.state == "open"):
            return False
        return case.team not in teams or (case.area is not None and case.area not in areas)

    def set_live_city(self, digest: str, now: datetime) -> str | None:
        before, self._live_city = self._live_city, digest
        return before

    def counts(self) -> Counts:
        by_outcome = Counter(case.outcome for case in self._cases.values())
        by_kind = Counter(task.kind for task in self._tasks.values() if task.state == "open")
        return Counts(dict(by_outcome), *(by_kind[kind] for kind in TASK_KINDS))


def _rank(cursor: DueCursor) -> tuple[datetime, int]:
    return cursor.respond_by or NEVER, cursor.seq


def _silent(case: Case) -> SilentCase:
    values = {field.name: getattr(case, field.name) for field in fields(SilentCase)}
    return SilentCase(**values | {"last_word_at": case.last_word_at or case.received_at})


def _fits(case: Case, where: CaseFilter) -> bool:
    values = {
        field.name: getattr(where, field.name) for field in fields(where) if field.name not in ("is_open", "within")
    }
    fits = all(value is None or value == getattr(case, name) for name, value in values.items())
    return fits and (case.state in OPEN_STATES or not where.is_open) and _in_scope(case, where.within)


def _in_scope(case: Case | None, scope: Scope) -> bool:
    return scope == EVERYWHERE or (case is not None and scope.covers(case.team, case.area))
