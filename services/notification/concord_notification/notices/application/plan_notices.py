"""The event handlers: store contacts, decisions and officer messages, then plan the notices that are due.

The same notices become due in any order of events.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from concord_bus.ports import Handler, Work
from concord_contracts import CATALOGUE, Event
from concord_contracts import messages as m
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
from concord_notification.notices.domain.notice_policy import MISSED, is_stale
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
}
"""For each event, the kind of its decision and the field with the decision's time."""


def decision_of(event: Event[Any]) -> Decision:
    """Return the decision that an event announces, with the values of its fields of the same names.

    A missed promise is never `past`: its event always comes a little later. `is_stale` decides by its due time.
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
        past=event.recorded is not None and kind != MISSED,
    )


@dataclass(frozen=True, slots=True)
class NoticePlanner:
    """Handles events. `vault` encrypts private data before it reaches the database; `renderer` knows the languages.

    `supervisors` gives the e-mail address of each team's supervisor, by the team's code.
    """

    vault: ContactVault
    renderer: Renderer
    supervisors: Mapping[str, str]

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
        concerns = work.store.concerns([event.partitionkey for event in events])
        with_recipient = [concern for concern in concerns if _has_recipient(concern)]
        if with_recipient:
            deliveries = [delivery for concern in with_recipient for delivery in self._deliveries(concern, work)]
            work.store.plan([concern.concern_id for concern in with_recipient], deliveries)

    def _deliveries(self, concern: Concern, work: Work[NoticeStore]) -> list[Delivery]:
        language = self.renderer.language(concern.contact.language if concern.contact else "")
        return plan_deliveries(concern, language, self._supervisor_language, work.now)

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


def _has_recipient(concern: Concern) -> bool:
    return concern.contact is not None or any(decision.kind == MISSED for decision in concern.decisions)
