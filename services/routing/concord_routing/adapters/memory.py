"""The store in memory, for tests."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import UTC, datetime

from concord_access import EVERYWHERE, Scope
from concord_access.adapters.memory import MemoryAudit, MemoryKeys
from concord_routing.domain.case import TASK_KINDS, TRIAGE, Case, Task
from concord_routing.domain.history import Entry
from concord_routing.domain.promise import Promise, marked
from concord_routing.ports import Counts, Due, DuePlace, Filter, KeyClaim, Standing, Watched

NEVER = datetime.max.replace(tzinfo=UTC)


class MemoryStore:
    """See `ports.Store`."""

    def __init__(self) -> None:
        self.keys = MemoryKeys()
        self.audit = MemoryAudit()
        self._cases: list[Case] = []
        self._tasks: list[Task] = []
        self._history: list[Entry] = []
        self._keys: dict[str, KeyClaim] = {}
        self._promises: dict[tuple[str, int], Promise] = {}

    def open(self, cases: Sequence[Case]) -> list[Case]:
        known = {each.concern_id for each in self._cases}
        kept = [each for each in cases if each.concern_id not in known]
        self._cases.extend(kept)
        return kept

    def add(self, tasks: Sequence[Task]) -> None:
        for task in tasks:
            known = [(each.case_id, each.kind) for each in self._tasks]
            place = known.index((task.case_id, task.kind)) if (task.case_id, task.kind) in known else len(known)
            self._tasks[place : place + 1] = [task]

    def case(self, case_id: str) -> Case | None:
        return next((each for each in self._cases if each.case_id == case_id), None)

    lock = case

    def lock_concern(self, concern_id: str) -> Case | None:
        return next((each for each in self._cases if each.concern_id == concern_id), None)

    def promises(self, case_id: str) -> list[Promise]:
        return [self._promises[key] for key in sorted(self._promises) if key[0] == case_id]

    def keep_promises(self, promises: Sequence[Promise]) -> None:
        self._promises.update({(each.case_id, each.number): each for each in promises})

    def due_promises(self, now: datetime, limit: int) -> list[Due]:
        due = [each for each in self._promises.values() if each.wake_at and each.wake_at < now]
        due.sort(key=lambda each: each.wake_at or NEVER)
        taken = {each.case_id for each in due[:limit]}
        return [self._due(each) for each in due if each.case_id in taken]

    def _due(self, promise: Promise) -> Due:
        case = self._known(promise.case_id)
        known = (getattr(case if hasattr(case, name) else promise, name) for name in Due._fields[1:])
        return Due._make((self._cases.index(case) + 1, *known))

    def mark(self, came_to: str, promises: Sequence[tuple[str, int]]) -> None:
        self._promises.update({key: marked(self._promises[key], came_to) for key in promises})

    def silent_cases(self, now: datetime, limit: int) -> list[Watched]:
        due = [each for each in self._cases if each.silent_at and each.silent_at < now]
        due.sort(key=lambda each: each.silent_at or NEVER)
        return [_watched(each) for each in due[:limit]]

    def keep_standings(self, cases: Sequence[Standing]) -> None:
        for each in cases:
            place = each.place - 1
            self._cases[place] = replace(self._cases[place], promise=each.promise, sequence=each.sequence)

    def keep_silent(self, cases: Sequence[tuple[str, int]]) -> None:
        for case_id, sequence in cases:
            before = self._known(case_id)
            self._cases[self._cases.index(before)] = replace(before, sequence=sequence, silent_at=None)

    def _known(self, case_id: str) -> Case:
        return next(each for each in self._cases if each.case_id == case_id)

    def keep(self, case: Case, entry: Entry) -> bool:
        before = self.case(case.case_id)
        if before is None or before.version != case.version - 1:
            return False
        self._cases[self._cases.index(before)] = case
        self._history.append(entry)
        return True

    def history(self, case_id: str) -> list[Entry]:
        return [each for each in self._history if each.case_id == case_id]

    def claim_key(self, claim: KeyClaim, expired: datetime) -> KeyClaim:
        held = self._keys.get(claim.key)
        if held is None or held.claimed_at < expired:
            self._keys[claim.key] = claim
        return self._keys[claim.key]

    def answer_key(self, claim: KeyClaim) -> None:
        self._keys[claim.key] = claim

    def forget_keys(self, expired: datetime, limit: int) -> int:
        old = [each.key for each in self._keys.values() if each.claimed_at < expired][:limit]
        for each in old:
            del self._keys[each]
        return len(old)

    def cases(self, wanted: Filter, after: int, limit: int) -> list[tuple[int, Case]]:
        found = [(place, each) for place, each in enumerate(self._cases, 1) if place > after and _fits(each, wanted)]
        return found[:limit]

    def cases_by_due(self, wanted: Filter, after: DuePlace | None, limit: int) -> list[tuple[DuePlace, Case]]:
        placed = [(DuePlace(each.respond_by, seq), each) for seq, each in self.cases(wanted, 0, len(self._cases))]
        placed.sort(key=lambda each: _rank(each[0]))
        return [each for each in placed if after is None or _rank(each[0]) > _rank(after)][:limit]

    def tasks(self, after: int, limit: int, within: Scope = EVERYWHERE) -> list[tuple[int, Task]]:
        case_of = {each.case_id: each for each in self._cases}
        found = [
            (n, each)
            for n, each in enumerate(self._tasks, 1)
            if n > after and each.state == "open" and _in_scope(case_of.get(each.case_id), within)
        ]
        return [(n, replace(each, team=self._team(each.case_id))) for n, each in found[:limit]]

    def _team(self, case_id: str) -> str | None:
        case = self.case(case_id)
        return case.team if case else None

    def set_task(self, case_id: str, kind: str = TRIAGE, *, waits: bool) -> None:
        state = "open" if waits else "done"
        self._tasks = [
            replace(each, state=state) if (each.case_id, each.kind) == (case_id, kind) else each for each in self._tasks
        ]

    def counts(self) -> Counts:
        by_outcome = Counter(each.outcome for each in self._cases)
        by_kind = Counter(each.kind for each in self._tasks if each.state == "open")
        return Counts(dict(by_outcome), *(by_kind[each] for each in TASK_KINDS))


def _rank(place: DuePlace) -> tuple[datetime, int]:
    return place.respond_by or NEVER, place.seq


def _watched(case: Case) -> Watched:
    taken = {field.name: getattr(case, field.name) for field in fields(Watched)}
    return Watched(**taken | {"last_word_at": case.last_word_at or case.received_at})


def _fits(case: Case, wanted: Filter) -> bool:
    asked = {field.name: getattr(wanted, field.name) for field in fields(wanted) if field.name != "within"}
    fits = all(want is None or want == getattr(case, name) for name, want in asked.items())
    return fits and _in_scope(case, wanted.within)


def _in_scope(case: Case | None, scope: Scope) -> bool:
    return scope == EVERYWHERE or (case is not None and scope.covers(case.team, case.area))
