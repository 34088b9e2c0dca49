"""The store of notices in memory. The contract tests of the SQL store run on it too."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from tests.memory.access import MemoryAudit

from concord_notification.notices.domain.concern import Concern, Contact, Decision, SealedMessage, in_order, newer
from concord_notification.notices.domain.delivery import DIGEST_WAIT, LONGEST_WAITS, TOLERANCE, Delivery, State
from concord_notification.notices.domain.notice_policy import SUPERVISOR
from concord_notification.notices.domain.team_policy import DIGEST, DigestLine
from concord_notification.notices.ports import Ledger

OPEN = (State.DUE, State.SENDING)


class MemoryNoticeStore:
    """Implements `ports.NoticeStore`."""

    def __init__(self) -> None:
        self.contacts: dict[str, Contact] = {}
        self.decisions: dict[str, Decision] = {}
        self.messages: dict[str, SealedMessage] = {}
        self.withdrawn: set[str] = set()
        self.notices: dict[str, Delivery] = {}
        self.lines: dict[str, DigestLine] = {}
        self.event_counts: dict[str, int] = {}
        self.audit = MemoryAudit()

    def keep_contacts(self, contacts: Sequence[Contact]) -> None:
        for contact in contacts:
            if newer(contact, self.contacts.get(contact.concern_id)):
                self.contacts[contact.concern_id] = contact

    def keep_decisions(self, decisions: Sequence[Decision]) -> None:
        for decision in decisions:
            self.decisions.setdefault(decision.event_id, replace(decision, words=None))

    def keep_messages(self, messages: Sequence[SealedMessage]) -> None:
        for message in messages:
            self.messages.setdefault(message.cause_id, message)

    def withdraw(self, concern_ids: Sequence[str]) -> None:
        self.withdrawn.update(concern_ids)

    def concerns(self, concern_ids: Sequence[str]) -> list[Concern]:
        return [self._concern(concern_id) for concern_id in concern_ids]

    def plan(
        self, concern_ids: Sequence[str], deliveries: Sequence[Delivery], current: Sequence[str] | None = None
    ) -> None:
        planned = {delivery.id for delivery in deliveries} if current is None else set(current)
        for delivery in list(self.notices.values()):
            unsent = delivery.state is State.DUE and not delivery.uncertain
            if delivery.concern_id in concern_ids and unsent and delivery.id not in planned:
                del self.notices[delivery.id]
        for delivery in deliveries:
            self.notices.setdefault(delivery.id, delivery)

    def keep_digest_lines(self, lines: Sequence[DigestLine]) -> None:
        for line in lines:
            self.lines.setdefault(line.cause_id, line)

    def teams_without_digest(self) -> list[str]:
        on_the_way = {
            each.cause_id for each in self.notices.values() if each.contact_id == DIGEST and each.state in OPEN
        }
        return sorted({line.team for line in self.lines.values() if line.digest_id is None} - on_the_way)

    def add_digests(self, digests: Sequence[Delivery]) -> None:
        for digest in digests:
            self.notices.setdefault(digest.id, digest)

    def take_lines(self, digest: Delivery) -> list[DigestLine]:
        if not digest.attempts and not self._lines_of(digest.id):
            waiting = [line for line in self.lines.values() if line.team == digest.cause_id and line.digest_id is None]
            self.lines |= {line.cause_id: replace(line, digest_id=digest.id) for line in waiting}
        return self._lines_of(digest.id)

    def _lines_of(self, digest_id: str) -> list[DigestLine]:
        return sorted(
            (line for line in self.lines.values() if line.digest_id == digest_id), key=lambda line: line.cause_id
        )

    def drop_lines(self, digest_ids: Sequence[str]) -> None:
        self.lines = {key: line for key, line in self.lines.items() if line.digest_id not in digest_ids}

    def drop_waiting_lines(self, team: str) -> None:
        self.lines = {key: line for key, line in self.lines.items() if line.team != team or line.digest_id}

    def ready(self, now: datetime, limit: int) -> list[tuple[Delivery, Concern]]:
        ready = [notice for notice in self.notices.values() if notice.state in OPEN and notice.not_before <= now]
        ready.sort(key=lambda notice: (notice.not_before, notice.due_at, notice.id))
        return [(notice, self._concern(notice.concern_id)) for notice in ready[:limit]]

    def with_claim(self, claim: str, ids: Sequence[str]) -> set[str]:
        notices = [self.notices[notice_id] for notice_id in ids if notice_id in self.notices]
        return {notice.id for notice in notices if notice.claim == claim and notice.state is State.SENDING}

    def save(self, deliveries: Sequence[Delivery]) -> None:
        self.notices.update({delivery.id: delivery for delivery in deliveries})

    def drop(self, ids: Sequence[str]) -> None:
        for notice_id in ids:
            self.notices.pop(notice_id, None)

    def count_events(self, counts: Mapping[str, int]) -> Mapping[str, int]:
        totals = {concern_id: self.event_counts.get(concern_id, 0) + more for concern_id, more in counts.items()}
        self.event_counts.update(totals)
        return totals

    def release_interrupted(self, now: datetime) -> int:
        claimed = [
            notice for notice in self.notices.values() if notice.state is State.SENDING and notice.not_before > now
        ]
        self.save([replace(notice, not_before=now) for notice in claimed])
        return len(claimed)

    def end_overlong_waits(self, now: datetime, lease: timedelta) -> int:
        def longest(notice: Delivery) -> timedelta:
            if notice.contact_id == DIGEST and not notice.attempts and notice.state is State.DUE:
                return DIGEST_WAIT
            by_attempts = LONGEST_WAITS[min(notice.attempts, len(LONGEST_WAITS) - 1)]
            return by_attempts if notice.state is State.DUE else lease + TOLERANCE

        overlong = [row for row in self.notices.values() if row.state in OPEN and row.not_before > now + longest(row)]
        self.save([replace(notice, not_before=now) for notice in overlong])
        return len(overlong)

    def next_attempt(self) -> datetime | None:
        return min((notice.not_before for notice in self.notices.values() if notice.state in OPEN), default=None)

    def ledger(self) -> Ledger:
        def recipient(notice: Delivery) -> str:
            if notice.to_team:
                return "team"
            return "supervisor" if notice.contact_id == SUPERVISOR else "reporter"

        def count(*states: State, to: str = "reporter") -> int:
            return sum(notice.state in states and recipient(notice) == to for notice in self.notices.values())

        decided = {decision.concern_id for decision in self.decisions.values()}
        return Ledger(
            contacts=len(self.contacts),
            unanswered=len(self.contacts.keys() - decided),
            supervisors_due=count(*OPEN, to="supervisor"),
            supervisors_told=count(State.DELIVERED, to="supervisor"),
            teams_due=count(*OPEN, to="team"),
            teams_told=count(State.DELIVERED, to="team"),
            uncertain=sum(notice.uncertain for notice in self.notices.values()),
            **{state.value: count(state) for state in State},
        )

    def deliveries(self, state: State, limit: int, before: tuple[datetime, str] | None = None) -> list[Delivery]:
        notices = [
            notice
            for notice in self.notices.values()
            if notice.state is state and (before is None or (notice.due_at, notice.id) < before)
        ]
        return sorted(notices, key=lambda notice: (notice.due_at, notice.id), reverse=True)[:limit]

    def _concern(self, concern_id: str) -> Concern:
        decisions = [
            replace(decision, words=self.messages[decision.event_id].sealed)
            if decision.event_id in self.messages
            else decision
            for decision in self.decisions.values()
            if decision.concern_id == concern_id
        ]
        return Concern(concern_id, self.contacts.get(concern_id), in_order(decisions), concern_id in self.withdrawn)
