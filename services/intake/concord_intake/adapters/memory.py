"""Intake's store in memory, for tests and for trying things out. It has no transactions."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from concord_access.audit import MemoryAudit
from concord_intake.domain.concern import Concern
from concord_intake.domain.events import CONTACT
from concord_intake.domain.timeline import Step, Word
from concord_intake.ports import Counts, KeyClaim, Line


class MemoryStore:
    """See `ports.Store`."""

    def __init__(self) -> None:
        self._concerns: dict[str, Concern] = {}
        self._keys: dict[str, KeyClaim] = {}
        self._lines: dict[Line, str] = {}
        self._steps: dict[tuple[str, int], Step] = {}
        self._words: dict[tuple[str, int], Word] = {}
        self._withdrawn: dict[str, datetime] = {}
        self._answers: dict[tuple[str, int], tuple[bool, datetime]] = {}
        self._events: dict[str, int] = {}
        self.audit = MemoryAudit()

    def claim_keys(self, claims: Sequence[KeyClaim], expired: datetime) -> Mapping[str, KeyClaim]:
        for claim in claims:
            holder = self._keys.get(claim.key)
            if holder is None or holder.claimed_at < expired:
                self._keys[claim.key] = claim
        return {claim.key: self._keys[claim.key] for claim in claims}

    def claim_lines(self, claims: Sequence[tuple[Line, str]]) -> Mapping[Line, str]:
        return {line: self._lines.setdefault(line, concern_id) for line, concern_id in claims}

    def add(self, concerns: Sequence[Concern]) -> None:
        self._concerns.update((each.id, each) for each in concerns)

    def concerns(self, ids: Iterable[str]) -> Mapping[str, Concern]:
        return {each: self._concerns[each] for each in ids if each in self._concerns}

    def add_steps(self, steps: Sequence[Step]) -> None:
        for step in steps:
            self._steps.setdefault((step.concern_id, step.sequence), step)

    def steps(self, concern_id: str) -> Sequence[Step]:
        return [step for step in self._steps.values() if step.concern_id == concern_id]

    def add_words(self, words: Sequence[Word]) -> None:
        for word in words:
            self._words.setdefault((word.concern_id, word.sequence), word)

    def words(self, concern_id: str) -> Sequence[Word]:
        return [word for word in self._words.values() if word.concern_id == concern_id]

    def withdraw(self, concern_id: str, at: datetime) -> bool:
        known = concern_id in self._withdrawn
        self._withdrawn.setdefault(concern_id, at)
        return not known

    def withdrawn_at(self, concern_id: str) -> datetime | None:
        return self._withdrawn.get(concern_id)

    def add_answer(self, concern_id: str, resolution: int, fixed: bool, at: datetime) -> bool:
        if self.answered(concern_id, resolution):
            return False
        self._answers[concern_id, resolution] = fixed, at
        return True

    def answered(self, concern_id: str, resolution: int) -> bool:
        return (concern_id, resolution) in self._answers

    def count_events(self, concern_id: str, more: int) -> int:
        self._events[concern_id] = self._events.get(concern_id, CONTACT) + more
        return self._events[concern_id]

    def forget_keys(self, expired: datetime, limit: int) -> int:
        old = [key for key, claim in self._keys.items() if claim.claimed_at < expired][:limit]
        for key in old:
            del self._keys[key]
        return len(old)

    def counts(self) -> Counts:
        return Counts(len(self._concerns), sum(each.contact_given for each in self._concerns.values()))
