"""Intake's store in memory, without transactions, for tests and experiments."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from tests.memory.access import MemoryAudit

from concord_intake.domain.concern import Concern
from concord_intake.domain.events import CONTACT
from concord_intake.domain.import_source import ImportedLine, Line
from concord_intake.domain.reporter import Looks, ReporterAction
from concord_intake.domain.timeline import OfficerMessage, Step
from concord_intake.ports import Counts, KeyClaim, ReceiptIndex, ReceiptTaken, StoredFeedback


class MemoryStore:
    """Implements `ports.Store`."""

    def __init__(self) -> None:
        self._concerns: dict[str, Concern] = {}
        self._keys: dict[str, KeyClaim] = {}
        self._lines: dict[Line, ImportedLine] = {}
        self._steps: dict[tuple[str, int], Step] = {}
        self._officer_messages: dict[tuple[str, int], OfficerMessage] = {}
        self._withdrawn: dict[str, datetime] = {}
        self._answers: dict[tuple[str, int], StoredFeedback] = {}
        self._actions: dict[tuple[str, str], ReporterAction] = {}
        self._looks: dict[tuple[str, str], Looks] = {}
        self._events: dict[str, int] = {}
        self.audit = MemoryAudit()

    def claim_keys(self, claims: Sequence[KeyClaim], expired: datetime) -> Mapping[str, KeyClaim]:
        for claim in claims:
            earlier = self._keys.get(claim.key)
            if earlier is None or earlier.claimed_at < expired:
                self._keys[claim.key] = claim
        return {claim.key: self._keys[claim.key] for claim in claims}

    def claim_lines(self, claims: Sequence[ImportedLine]) -> Mapping[Line, ImportedLine]:
        return {claim.line: self._lines.setdefault(claim.line, claim) for claim in claims}

    def lines(self, lines: Iterable[Line], *, lock: bool = False) -> Mapping[Line, ImportedLine]:
        return {line: self._lines[line] for line in lines if line in self._lines}

    def save_lines(self, lines: Sequence[ImportedLine]) -> None:
        self._lines.update((line.line, line) for line in lines)

    def add(self, concerns: Sequence[Concern]) -> None:
        taken = {concern.receipt_index for concern in self._concerns.values()} - {None}
        if any(concern.receipt_index in taken for concern in concerns):
            raise ReceiptTaken
        self._concerns.update((concern.id, concern) for concern in concerns)

    def concerns(self, ids: Iterable[str]) -> Mapping[str, Concern]:
        return {key: self._concerns[key] for key in ids if key in self._concerns}

    def concern_of_receipt(self, indexes: Sequence[bytes]) -> Concern | None:
        return next((concern for concern in self._concerns.values() if concern.receipt_index in indexes), None)

    def receipts_without_index(self, after: str, limit: int) -> Sequence[ReceiptIndex]:
        concerns = (concern for concern in self._concerns.values() if concern.receipt_index is None)
        found = sorted((concern.id, concern.receipt_hash) for concern in concerns if concern.id > after)
        return [ReceiptIndex(*values) for values in found[:limit]]

    def receipts_indexed_between(self, least: bytes, greatest: bytes, limit: int) -> Sequence[ReceiptIndex]:
        concerns = (concern for concern in self._concerns.values() if concern.receipt_index is not None)
        found = [concern for concern in concerns if least <= (concern.receipt_index or b"") <= greatest]
        found.sort(key=lambda concern: concern.receipt_index or b"")
        return [ReceiptIndex(concern.id, concern.receipt_hash, concern.receipt_index) for concern in found[:limit]]

    def set_receipt_indexes(self, indexes: Mapping[str, bytes]) -> None:
        for concern_id, index in indexes.items():
            if self.concern_of_receipt([index]) is None:
                self._concerns[concern_id] = replace(self._concerns[concern_id], receipt_index=index)

    def add_steps(self, steps: Sequence[Step]) -> None:
        for step in steps:
            self._steps.setdefault((step.concern_id, step.sequence), step)

    def steps(self, concern_id: str) -> Sequence[Step]:
        return [step for step in self._steps.values() if step.concern_id == concern_id]

    def add_officer_messages(self, messages: Sequence[OfficerMessage]) -> None:
        for message in messages:
            self._officer_messages.setdefault((message.concern_id, message.sequence), message)

    def officer_messages(self, concern_id: str) -> Sequence[OfficerMessage]:
        return [message for message in self._officer_messages.values() if message.concern_id == concern_id]

    def withdraw(self, concern_id: str, at: datetime) -> bool:
        known = concern_id in self._withdrawn
        self._withdrawn.setdefault(concern_id, at)
        return not known

    def withdrawn_at(self, concern_id: str) -> datetime | None:
        return self._withdrawn.get(concern_id)

    def add_answer(self, answer: StoredFeedback) -> bool:
        key = answer.concern_id, answer.resolution
        return self._answers.setdefault(key, answer) is answer

    def answer(self, concern_id: str, resolution: int) -> StoredFeedback | None:
        return self._answers.get((concern_id, resolution))

    def add_action(self, action: ReporterAction) -> bool:
        return self._actions.setdefault((action.concern_id, action.key), action) is action

    def actions(self, concern_id: str) -> Sequence[ReporterAction]:
        actions = (action for action in self._actions.values() if action.concern_id == concern_id)
        return sorted(actions, key=lambda action: (action.at, action.key))

    def set_contact_given(self, concern_id: str) -> None:
        self._concerns[concern_id] = replace(self._concerns[concern_id], contact_given=True)

    def count_looks(self, looks: Sequence[Looks]) -> None:
        for look in looks:
            key = look.concern_id, look.part
            before = self._looks.get(key, replace(look, times=0))
            last_at = max(before.last_at, look.last_at)
            self._looks[key] = replace(look, times=before.times + look.times, last_at=last_at)

    def looks(self, concern_id: str) -> Sequence[Looks]:
        return [look for look in self._looks.values() if look.concern_id == concern_id]

    def count_events(self, concern_id: str, more: int) -> int:
        self._events[concern_id] = self._events.get(concern_id, CONTACT) + more
        return self._events[concern_id]

    def count_event_of_each(self, concern_ids: Sequence[str]) -> Mapping[str, int]:
        return {concern_id: self.count_events(concern_id, 1) for concern_id in concern_ids}

    def forget_keys(self, expired: datetime, limit: int) -> int:
        old = [key for key, claim in self._keys.items() if claim.claimed_at < expired][:limit]
        for key in old:
            del self._keys[key]
        return len(old)

    def counts(self) -> Counts:
        return Counts(len(self._concerns), sum(concern.contact_given for concern in self._concerns.values()))
