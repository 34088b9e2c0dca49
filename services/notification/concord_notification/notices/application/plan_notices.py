"""One function for each event. In whatever order events arrive, the same notices become due."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from concord_bus.ports import Handler, Work
from concord_contracts import Event
from concord_contracts.messages import ConcernWithdrawn, ContactGiven, WordGiven
from concord_notification.notices.application.deciding import DECIDERS, Decide
from concord_notification.notices.domain.concern import Concern, Contact, Details, SealedWords, Words
from concord_notification.notices.domain.delivery import Delivery, notices
from concord_notification.notices.domain.notice_policy import MISSED, history
from concord_notification.notices.ports import Store, Vault, Writer


class Handlers:
    """`vault` seals what is private before it is stored; `writer` knows the languages.

    `supervisors` gives the e-mail address of each team's supervisor, by the team's code.
    """

    def __init__(self, vault: Vault, writer: Writer, supervisors: Mapping[str, str]) -> None:
        self._vault = vault
        self._writer = writer
        self._supervisors = supervisors

    def by_type(self) -> Mapping[str, Handler]:
        return {
            "contact.given.v1": self.contact_given,
            "word.given.v1": self.word_given,
            "concern.withdrawn.v1": self.concern_withdrawn,
            **{name: self._keep(decide) for name, decide in DECIDERS.items()},
        }

    def contact_given(self, events: Sequence[Event[ContactGiven]], work: Work[Store]) -> None:
        """Keep the contact sealed; what came before it may now be told."""
        work.store.keep_contacts([self._contact(each) for each in events])
        self._plan(events, work)

    def word_given(self, events: Sequence[Event[WordGiven]], work: Work[Store]) -> None:
        """Keep an officer's words sealed; the event they belong to may now be told."""
        work.store.keep_words([self._words(each) for each in events])
        self._plan(events, work)

    def concern_withdrawn(self, events: Sequence[Event[ConcernWithdrawn]], work: Work[Store]) -> None:
        """Its reporter hears no more of it."""
        work.store.withdraw([each.partitionkey for each in events])
        self._plan(events, work)

    def _keep(self, decide: Decide) -> Handler:
        """The handler of one type of event that tells of a decision."""

        def keep(events: Sequence[Event[Any]], work: Work[Store]) -> None:
            decided = [decide(each) for each in events]
            work.store.keep_decisions([replace(each, past=each.past or history(each, work.now)) for each in decided])
            self._plan(events, work)

        return keep

    def _plan(self, events: Sequence[Event[Any]], work: Work[Store]) -> None:
        about = [each for each in work.store.known([each.partitionkey for each in events]) if _anybody_to_tell(each)]
        if about:
            wanted = [notice for each in about for notice in self._notices(each, work)]
            work.store.plan([each.concern_id for each in about], wanted)

    def _notices(self, concern: Concern, work: Work[Store]) -> list[Delivery]:
        language = self._writer.language(concern.contact.language if concern.contact else "")
        return notices(concern, language, self._language_of_supervisor, work.now)

    def _language_of_supervisor(self, team: str | None) -> str | None:
        return self._writer.language("") if team in self._supervisors else None

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

    def _words(self, event: Event[WordGiven]) -> SealedWords:
        word = event.data
        sealed = self._vault.seal_words(Words(word.words, word.where_to_go, word.partner, word.due_at))
        return SealedWords(word.cause_id, event.partitionkey, sealed)


def _anybody_to_tell(concern: Concern) -> bool:
    return concern.contact is not None or any(each.kind == MISSED for each in concern.decisions)
