"""One function for each event. In whatever order events arrive, the same notices become due."""

from collections.abc import Mapping, Sequence
from typing import Any

from concord_bus.ports import Handler, Work
from concord_contracts import Event
from concord_contracts.messages import ConcernRouted, ConcernUnroutable, ContactGiven
from concord_notification.domain.concern import Contact, Decision, Details
from concord_notification.domain.delivery import acknowledgement
from concord_notification.ports import Store, Vault, Writer


class Handlers:
    """`vault` seals contacts before they are stored; `writer` knows the languages."""

    def __init__(self, vault: Vault, writer: Writer) -> None:
        self._vault = vault
        self._writer = writer

    def by_type(self) -> Mapping[str, Handler]:
        return {
            "contact.given.v1": self.contact_given,
            "concern.routed.v1": self.concern_routed,
            "concern.unroutable.v1": self.concern_unroutable,
        }

    def contact_given(self, events: Sequence[Event[ContactGiven]], work: Work[Store]) -> None:
        """Keep the contact sealed; a decision that came before it may now be told."""
        work.store.keep_contacts([self._contact(each) for each in events])
        self._plan(events, work)

    def concern_routed(self, events: Sequence[Event[ConcernRouted]], work: Work[Store]) -> None:
        """A team has it: tell the reporter who, and by when they hear."""
        work.store.keep_decisions([_routed(each) for each in events])
        self._plan(events, work)

    def concern_unroutable(self, events: Sequence[Event[ConcernUnroutable]], work: Work[Store]) -> None:
        """A person is finding out who can help: say so."""
        work.store.keep_decisions([_unroutable(each) for each in events])
        self._plan(events, work)

    def _plan(self, events: Sequence[Event[Any]], work: Work[Store]) -> None:
        complete = work.store.complete([each.partitionkey for each in events])
        if complete:
            language = self._writer.language
            work.store.plan([acknowledgement(each, language(each.contact.language), work.now) for each in complete])

    def _contact(self, event: Event[ContactGiven]) -> Contact:
        given = event.data
        return Contact(
            concern_id=event.partitionkey,
            event_id=event.id,
            sequence=event.sequence,
            language=given.language,
            sealed=self._vault.seal(Details(given.name, given.email, given.phone)),
            given_at=given.given_at,
        )


def _routed(event: Event[ConcernRouted]) -> Decision:
    routed = event.data
    return Decision(
        concern_id=event.partitionkey,
        event_id=event.id,
        sequence=event.sequence,
        kind="routed",
        decided_at=routed.routed_at,
        correlation_id=event.correlationid,
        traceparent=event.traceparent,
        area=routed.area,
        team=routed.team,
        team_name=routed.team_name,
        acknowledge_by=routed.acknowledge_by,
        respond_by=routed.respond_by,
    )


def _unroutable(event: Event[ConcernUnroutable]) -> Decision:
    return Decision(
        concern_id=event.partitionkey,
        event_id=event.id,
        sequence=event.sequence,
        kind="unroutable",
        decided_at=event.data.decided_at,
        correlation_id=event.correlationid,
        traceparent=event.traceparent,
        reason=event.data.reason,
    )
