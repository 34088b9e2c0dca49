"""The store in memory: the same port as the SQL one, kept honest by the same contract tests."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from concord_access.audit import MemoryAudit
from concord_notification.notices.domain.concern import Concern, Contact, Decision, SealedWords, in_order, newer
from concord_notification.notices.domain.delivery import Delivery, State
from concord_notification.notices.ports import Ledger
from concord_notification.webhooks.adapters.memory import MemoryWebhooks

OPEN = (State.DUE, State.SENDING)


class MemoryStore:
    """See `ports.Store`."""

    def __init__(self) -> None:
        self.contacts: dict[str, Contact] = {}
        self.decided: dict[str, Decision] = {}
        self.words: dict[str, SealedWords] = {}
        self.withdrawn: set[str] = set()
        self.notices: dict[str, Delivery] = {}
        self.emitted: dict[str, int] = {}
        self.webhooks = MemoryWebhooks()
        self.audit = MemoryAudit()

    def keep_contacts(self, contacts: Sequence[Contact]) -> None:
        for each in contacts:
            if newer(each, self.contacts.get(each.concern_id)):
                self.contacts[each.concern_id] = each

    def keep_decisions(self, decisions: Sequence[Decision]) -> None:
        for each in decisions:
            self.decided.setdefault(each.event_id, replace(each, words=None))

    def keep_words(self, words: Sequence[SealedWords]) -> None:
        for each in words:
            self.words.setdefault(each.cause_id, each)

    def withdraw(self, concern_ids: Sequence[str]) -> None:
        self.withdrawn.update(concern_ids)

    def known(self, concern_ids: Sequence[str]) -> list[Concern]:
        return [self._concern(each) for each in concern_ids]

    def plan(self, concern_ids: Sequence[str], deliveries: Sequence[Delivery]) -> None:
        wanted = {each.id for each in deliveries}
        for each in list(self.notices.values()):
            sure = each.state is State.DUE and not each.uncertain
            if each.concern_id in concern_ids and sure and each.id not in wanted:
                del self.notices[each.id]
        for each in deliveries:
            self.notices.setdefault(each.id, each)

    def ready(self, now: datetime, limit: int) -> list[tuple[Delivery, Concern]]:
        waiting = [each for each in self.notices.values() if each.state in OPEN and each.not_before <= now]
        waiting.sort(key=lambda each: (each.not_before, each.due_at, each.id))
        return [(each, self._concern(each.concern_id)) for each in waiting[:limit]]

    def held(self, claim: str, ids: Sequence[str]) -> set[str]:
        found = (self.notices.get(each) for each in ids)
        return {each.id for each in found if each and each.claim == claim and each.state is State.SENDING}

    def save(self, deliveries: Sequence[Delivery]) -> None:
        self.notices.update({each.id: each for each in deliveries})

    def drop(self, ids: Sequence[str]) -> None:
        for each in ids:
            self.notices.pop(each, None)

    def count_events(self, counts: Mapping[str, int]) -> Mapping[str, int]:
        counted = {each: self.emitted.get(each, 0) + more for each, more in counts.items()}
        self.emitted.update(counted)
        return counted

    def interrupted(self, now: datetime) -> int:
        found = [each for each in self.notices.values() if each.state is State.SENDING and each.not_before > now]
        self.notices.update({each.id: replace(each, not_before=now) for each in found})
        return len(found)

    def next_attempt(self) -> datetime | None:
        return min((each.not_before for each in self.notices.values() if each.state in OPEN), default=None)

    def ledger(self) -> Ledger:
        def count(*states: State, reporters: bool = True) -> int:
            return sum(each.state in states and each.to_reporter is reporters for each in self.notices.values())

        return Ledger(
            contacts=len(self.contacts),
            unanswered=len(self.contacts.keys() - {each.concern_id for each in self.decided.values()}),
            due=count(State.DUE),
            sending=count(State.SENDING),
            delivered=count(State.DELIVERED),
            failed=count(State.FAILED),
            overtaken=count(State.OVERTAKEN),
            supervisors_due=count(*OPEN, reporters=False),
            supervisors_told=count(State.DELIVERED, reporters=False),
            uncertain=sum(each.uncertain for each in self.notices.values()),
        )

    def deliveries(self, state: State, limit: int, before: tuple[datetime, str] | None = None) -> list[Delivery]:
        found = [each for each in self.notices.values() if each.state is state]
        found.sort(key=lambda each: (each.due_at, each.id), reverse=True)
        return [each for each in found if before is None or (each.due_at, each.id) < before][:limit]

    def sealed(self, after: str, limit: int) -> list[tuple[str, str]]:
        found = sorted(each for each in self.contacts if each > after)[:limit]
        return [(each, self.contacts[each].sealed) for each in found]

    def reseal(self, changes: Sequence[tuple[str, str, str]]) -> None:
        for concern_id, old, new in changes:
            contact = self.contacts.get(concern_id)
            if contact and contact.sealed == old:
                self.contacts[concern_id] = replace(contact, sealed=new)

    def sealed_words(self, after: str, limit: int) -> list[tuple[str, str]]:
        found = sorted(each for each in self.words if each > after)[:limit]
        return [(each, self.words[each].sealed) for each in found]

    def reseal_words(self, changes: Sequence[tuple[str, str, str]]) -> None:
        for cause_id, old, new in changes:
            words = self.words.get(cause_id)
            if words and words.sealed == old:
                self.words[cause_id] = replace(words, sealed=new)

    def _concern(self, concern_id: str) -> Concern:
        decided = [each for each in self.decided.values() if each.concern_id == concern_id]
        worded = [
            replace(each, words=self.words[each.event_id].sealed) if each.event_id in self.words else each
            for each in decided
        ]
        return Concern(concern_id, self.contacts.get(concern_id), in_order(worded), concern_id in self.withdrawn)
