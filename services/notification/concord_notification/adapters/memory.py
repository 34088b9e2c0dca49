"""The store in memory: the same port as the SQL one, kept honest by the same contract tests."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from concord_notification.domain.concern import Concern, Contact, Decision, newer
from concord_notification.domain.delivery import Delivery, State
from concord_notification.ports import Ledger
from concord_notification.webhooks.adapters.memory import MemoryWebhooks

OPEN = (State.DUE, State.SENDING)


class MemoryStore:
    """See `ports.Store`."""

    def __init__(self) -> None:
        self.contacts: dict[str, Contact] = {}
        self.decisions: dict[str, Decision] = {}
        self.notices: dict[str, Delivery] = {}
        self.emitted: dict[str, int] = {}
        self.webhooks = MemoryWebhooks()

    def keep_contacts(self, contacts: Sequence[Contact]) -> None:
        for each in contacts:
            if newer(each, self.contacts.get(each.concern_id)):
                self.contacts[each.concern_id] = each

    def keep_decisions(self, decisions: Sequence[Decision]) -> None:
        for each in decisions:
            if newer(each, self.decisions.get(each.concern_id)):
                self.decisions[each.concern_id] = each

    def complete(self, concern_ids: Sequence[str]) -> list[Concern]:
        known = [each for each in concern_ids if each in self.contacts and each in self.decisions]
        return [Concern(self.contacts[each], self.decisions[each]) for each in known]

    def plan(self, deliveries: Sequence[Delivery]) -> None:
        wanted = {each.id for each in deliveries}
        concerns = {each.concern_id for each in deliveries}
        for each in list(self.notices.values()):
            sure = each.state is State.DUE and not each.uncertain
            if each.concern_id in concerns and sure and each.id not in wanted:
                del self.notices[each.id]
        for each in deliveries:
            self.notices.setdefault(each.id, each)

    def ready(self, now: datetime, limit: int) -> list[tuple[Delivery, Concern]]:
        waiting = [each for each in self.notices.values() if each.state in OPEN and each.not_before <= now]
        waiting.sort(key=lambda each: (each.not_before, each.id))
        return [
            (each, Concern(self.contacts[each.concern_id], self.decisions[each.concern_id])) for each in waiting[:limit]
        ]

    def held(self, claim: str, ids: Sequence[str]) -> set[str]:
        found = (self.notices.get(each) for each in ids)
        return {each.id for each in found if each and each.claim == claim and each.state is State.SENDING}

    def save(self, deliveries: Sequence[Delivery]) -> None:
        self.notices.update({each.id: each for each in deliveries})

    def drop(self, ids: Sequence[str]) -> None:
        for each in ids:
            self.notices.pop(each, None)

    def count_events(self, concern_ids: Collection[str]) -> Mapping[str, int]:
        counted = {each: self.emitted.get(each, 0) + 1 for each in concern_ids}
        self.emitted.update(counted)
        return counted

    def interrupted(self, now: datetime) -> int:
        found = [each for each in self.notices.values() if each.state is State.SENDING and each.not_before > now]
        self.notices.update({each.id: replace(each, not_before=now) for each in found})
        return len(found)

    def next_attempt(self) -> datetime | None:
        return min((each.not_before for each in self.notices.values() if each.state in OPEN), default=None)

    def ledger(self) -> Ledger:
        def count(state: State) -> int:
            return sum(each.state is state for each in self.notices.values())

        return Ledger(
            contacts=len(self.contacts),
            unanswered=len(self.contacts.keys() - self.decisions.keys()),
            due=count(State.DUE),
            sending=count(State.SENDING),
            delivered=count(State.DELIVERED),
            failed=count(State.FAILED),
            overtaken=count(State.OVERTAKEN),
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
