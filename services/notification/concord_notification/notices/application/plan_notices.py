"""The event handlers: store contacts, decisions and officer messages, then plan the notices that are due.

The same notices become due in any order of events.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from concord_bus.ports import Handler, Work
from concord_contracts import CATALOGUE, Event
from concord_contracts import messages as m
from concord_notification.notices.application.plan_digests import DigestPlanner
from concord_notification.notices.domain.concern import (
    Concern,
    Contact,
    ContactDetails,
    Decision,
    Kind,
    OfficerMessage,
    SealedMessage,
)
from concord_notification.notices.domain.delivery import Delivery, plan_deliveries
from concord_notification.notices.domain.notice_policy import MISSED, NOTICED, is_stale
from concord_notification.notices.domain.team_policy import DigestLine, TeamMailbox, team_notices
from concord_notification.notices.ports import ContactVault, NoticeStore, Renderer

EVENT_TYPES = {message.data: message.name for message in CATALOGUE.values()}

DECISIONS: Mapping[type[Any], tuple[Kind, str]] = {
    m.ConcernRouted: ("routed", "routed_at"),
    m.ConcernUnroutable: ("unroutable", "decided_at"),
    m.ConcernAcknowledged: ("acknowledged", "acknowledged_at"),
    m.ConcernUpdated: ("update", "updated_at"),
    m.ConcernReassigned: ("reassigned", "reassigned_at"),
    m.ConcernReferred: ("referred", "referred_at"),
    m.ConcernResolved: ("resolved", "resolved_at"),
    m.ConcernDeclined: ("declined", "declined_at"),
    m.ConcernReopened: ("reopened", "reopened_at"),
    m.ConcernClosed: ("closed", "closed_at"),
    m.PromiseRenegotiated: ("renegotiated", "renegotiated_at"),
    m.PromiseMissed: ("missed", "missed_at"),
    m.PromiseAtRisk: ("at_risk", "at_risk_at"),
    m.ConcernAnswered: ("answered", "answered_at"),
    m.ConcernUnanswered: ("unanswered", "noticed_at"),
}
"""For each event, the kind of its decision and the field with the decision's time."""


def decision_of(event: Event[Any]) -> Decision:
    """Return the decision that an event announces, with the values of its fields of the same names.

    An event of a timer is never `past`: it always comes a little later. `is_stale` decides by the due time.
    """
    kind, time_field = DECISIONS[type(event.data)]
    values = {name: getattr(event.data, name) for name in Decision.__slots__ if hasattr(event.data, name)}
    values["decided_at"] = getattr(event.data, time_field)
    return Decision(
        **values,
        event_id=event.id,
        sequence=event.sequence,
        kind=kind,
        correlation_id=event.correlationid,
        traceparent=event.traceparent,
        past=event.recorded is not None and kind not in NOTICED,
    )


@dataclass(frozen=True, slots=True)
class NoticePlanner:
    """Handles events. `vault` encrypts private data before it reaches the database; `renderer` knows the languages.

    `supervisors` gives the e-mail address of each team's supervisor, by the team's code; `teams` the teams that get
    mails. Without `digests` there are no daily ones.
    """

    vault: ContactVault
    renderer: Renderer
    supervisors: Mapping[str, str]
    teams: Mapping[str, TeamMailbox] = field(default_factory=dict)
    digests: DigestPlanner | None = None

    def handlers(self) -> Mapping[str, Handler]:
        """Return the handler of each event type."""
        by_class: dict[type[Any], Handler] = {
            m.ContactGiven: self._keep_contacts,
            m.WordGiven: self._keep_messages,
            m.ConcernWithdrawn: self._withdraw,
            **dict.fromkeys(DECISIONS, self._keep_decisions),
        }
        return {EVENT_TYPES[data]: handler for data, handler in by_class.items()}

    def _keep_contacts(self, events: Sequence[Event[m.ContactGiven]], work: Work[NoticeStore]) -> None:
        work.store.keep_contacts([self._contact(event) for event in events])
        self._plan(events, work)

    def _keep_messages(self, events: Sequence[Event[m.WordGiven]], work: Work[NoticeStore]) -> None:
        work.store.keep_messages([self._message(event) for event in events])
        self._plan(events, work)

    def _withdraw(self, events: Sequence[Event[m.ConcernWithdrawn]], work: Work[NoticeStore]) -> None:
        work.store.withdraw([event.partitionkey for event in events])
        self._plan(events, work)

    def _keep_decisions(self, events: Sequence[Event[Any]], work: Work[NoticeStore]) -> None:
        decisions = [decision_of(event) for event in events]
        work.store.keep_decisions(
            [replace(decision, past=decision.past or is_stale(decision, work.now)) for decision in decisions]
        )
        self._plan(events, work)

    def _plan(self, events: Sequence[Event[Any]], work: Work[NoticeStore]) -> None:
        """Plan what is due now. A team hears of new events alone, whatever the city folder says of mails since."""
        new = {event.id for event in events}
        concerns = work.store.concerns([event.partitionkey for event in events])
        with_recipient = [concern for concern in concerns if self._has_recipient(concern)]
        if with_recipient:
            current = [delivery for concern in with_recipient for delivery in self._deliveries(concern, work)]
            due = [delivery for delivery in current if not delivery.to_team or delivery.cause_id in new]
            work.store.plan(
                [concern.concern_id for concern in with_recipient], due, [delivery.id for delivery in current]
            )
            self._keep_lines(list(self._digest_lines(with_recipient, new)), work)

    def _keep_lines(self, lines: Sequence[DigestLine], work: Work[NoticeStore]) -> None:
        if lines and self.digests:
            work.store.keep_digest_lines(lines)
            self.digests.plan(work.store, work.now)

    def _deliveries(self, concern: Concern, work: Work[NoticeStore]) -> list[Delivery]:
        language = self.renderer.language(concern.contact.language if concern.contact else "")
        return plan_deliveries(concern, language, self._supervisor_language, work.now, self._team_language)

    def _digest_lines(self, concerns: Sequence[Concern], new: Collection[str]) -> Iterator[DigestLine]:
        for concern in concerns:
            for decision in team_notices(concern):
                mailbox = self.teams.get(decision.team or "")
                if decision.event_id in new and mailbox and mailbox.digest_at:
                    yield DigestLine(decision.event_id, concern.concern_id, decision.team or "")

    def _team_language(self, team: str | None) -> str | None:
        """Return the city's first language for a team that gets its mails at once."""
        mailbox = self.teams.get(team or "")
        return self.renderer.language("") if mailbox and mailbox.digest_at is None else None

    def _supervisor_language(self, team: str | None) -> str | None:
        return self.renderer.language("") if team in self.supervisors else None

    def _contact(self, event: Event[m.ContactGiven]) -> Contact:
        data = event.data
        sealed = self.vault.seal(ContactDetails(data.name, data.email, data.phone))
        return Contact(event.partitionkey, event.id, event.sequence, data.language, sealed, data.given_at)

    def _message(self, event: Event[m.WordGiven]) -> SealedMessage:
        data = event.data
        sealed = self.vault.seal_message(OfficerMessage(data.words, data.where_to_go, data.partner, data.due_at))
        return SealedMessage(data.cause_id, event.partitionkey, sealed)

    def _has_recipient(self, concern: Concern) -> bool:
        decisions = concern.decisions
        return concern.contact is not None or any(
            decision.kind == MISSED or decision.team in self.teams for decision in decisions
        )
